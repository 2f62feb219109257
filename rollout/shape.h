#pragma once

#include "core/position.h"

namespace headgate::rollout {

// Scale of a canary that only waits to go: it stays as it is.
inline constexpr int kScaleAsLive = -1;

// What a position demands, before any manifest is made: the table behind Compose.
struct Shape {
  enum class Base {
    kStable,     // stable's objects
    kTrial,      // stable's, with the candidate's changes that no trial is about
    kUpdate,     // the candidate's, beside what stable's leaving pods still need
    kCandidate,  // the candidate's
  } base = Base::kStable;
  enum class Route { kStable, kCandidate } route = Route::kStable;  // whose manifest is split
  enum class Order {
    kTrafficFirst,  // weight falls or stays: traffic, the rest, variants
    kTrafficLast,   // weight may rise: the rest, variants until ready, traffic
    kRestLast,      // stable's pods change: variants until ready, traffic, the rest
  } order = Order::kTrafficFirst;
  bool variants = false;
  int weight = 0;
  int scale = kScaleAsLive;
  int replicas = 0;       // pods of the canary at least
  int64_t routed = 0;     // so many steps' header routes and mirrors are in force
  bool baseline = false;  // fresh pods of stable too
  bool draining = false;  // the canary leaves: no request may reach it any more

  friend bool operator==(const Shape&, const Shape&) = default;
};

Shape ShapeOf(const core::Position& position);

}  // namespace headgate::rollout
