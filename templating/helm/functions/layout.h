#pragma once

#include <cstdint>
#include <string_view>

namespace headgate::templating::helm {

// What a part of a layout stands for; Go's time package finds them by example: "2006" is the year.
enum class Part : uint8_t {
  kNone,
  kLongMonth,  // January
  kMonth,      // Jan
  kNumMonth,   // 1
  kZeroMonth,  // 01
  kLongWeekday,
  kWeekday,
  kDay,
  kUnderDay,  // _2
  kZeroDay,
  kUnderYearDay,  // __2
  kZeroYearDay,   // 002
  kHour,          // 15
  kHour12,
  kZeroHour12,
  kMinute,
  kZeroMinute,
  kSecond,
  kZeroSecond,
  kLongYear,
  kYear,
  kPM,
  kpm,
  kZoneName,   // MST
  kOffset,     // -0700, in one of the forms below
  kFraction0,  // .000
  kFraction9,  // .999: without trailing zeros
};

// A part, and the text around it.
struct LayoutPart {
  Part part = Part::kNone;
  std::string_view prefix, text, rest;
  // Of an offset: "Z" for UTC, colons, and minutes and seconds shown.
  bool z = false, colons = false, minutes = false, seconds = false;
  // Of a fraction.
  size_t digits = 0;
  char separator = '.';
};
LayoutPart NextPart(std::string_view layout);

}  // namespace headgate::templating::helm
