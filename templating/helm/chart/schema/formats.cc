#include "templating/helm/chart/schema/formats.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <vector>

#include "templating/helm/functions/url.h"
#include "templating/helm/unicode.h"

namespace headgate::templating::helm {
namespace {

// What is wrong; empty where nothing is.
using Fault = std::string_view;

bool IsDigitByte(char c) { return c >= '0' && c <= '9'; }
bool AreDigits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), IsDigitByte);
}
bool IsAlnumOrDash(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-'; }

std::vector<std::string_view> Split(std::string_view text, char delimiter) {
  std::vector<std::string_view> parts;
  for (;;) {
    const size_t end = text.find(delimiter);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

size_t CountDigits(std::string_view text) {
  return std::min(text.find_first_not_of("0123456789"), text.size());
}

Fault CheckJsonPointer(std::string_view text) {
  if (text.empty()) return {};
  if (text.front() != '/') return "a JSON pointer, which begins with /";
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '~' && (i + 1 == text.size() || (text[i + 1] != '0' && text[i + 1] != '1'))) {
      return "a JSON pointer with ~0 or ~1 for each ~";
    }
  }
  return {};
}

Fault CheckRelativePointer(std::string_view text) {
  const size_t digits = CountDigits(text);
  if (digits == 0 || (digits > 1 && text.front() == '0')) return "a number before a JSON pointer";
  text.remove_prefix(digits);
  return text == "#" ? Fault() : CheckJsonPointer(text);
}

Fault CheckUuid(std::string_view text) {
  constexpr std::array<size_t, 5> kSizes = {8, 4, 4, 4, 12};
  const std::vector<std::string_view> groups = Split(text, '-');
  bool valid = groups.size() == kSizes.size();
  for (size_t i = 0; valid && i < kSizes.size(); ++i) {
    valid = groups[i].size() == kSizes[i] &&
            std::all_of(groups[i].begin(), groups[i].end(),
                        [](unsigned char c) { return std::isxdigit(c) != 0; });
  }
  return valid ? Fault() : "a UUID";
}

// Numbers with units, each once and in order.
bool IsPartOfDuration(std::string_view text, std::string_view units) {
  while (!text.empty()) {
    const size_t digits = CountDigits(text);
    if (digits == 0 || digits == text.size()) return false;
    const size_t unit = units.find(text[digits]);
    if (unit == std::string_view::npos) return false;
    units.remove_prefix(unit + 1);
    text.remove_prefix(digits + 1);
  }
  return true;
}

Fault CheckDuration(std::string_view text) {
  constexpr Fault kFault = "a duration such as P1DT2H";
  if (!text.starts_with('P') || text.size() == 1) return kFault;
  text.remove_prefix(1);
  if (text.ends_with('W')) return AreDigits(text.substr(0, text.size() - 1)) ? Fault() : kFault;
  const size_t time = text.find('T');
  if (!IsPartOfDuration(text.substr(0, time), "YMD")) return kFault;
  if (time == std::string_view::npos) return {};
  const std::string_view rest = text.substr(time + 1);
  return !rest.empty() && IsPartOfDuration(rest, "HMS") ? Fault() : kFault;
}

Fault CheckIpv4(std::string_view text) {
  const std::vector<std::string_view> groups = Split(text, '.');
  bool valid = groups.size() == 4;
  for (const std::string_view group : groups) {
    valid = valid && AreDigits(group) && group.size() <= 3 &&
            (group.size() == 1 || group.front() != '0') && (group.size() < 3 || group <= "255");
  }
  return valid ? Fault() : "an IPv4 address";
}

Fault CheckIpv6(std::string_view text) {
  in6_addr address;
  return inet_pton(AF_INET6, std::string(text).c_str(), &address) == 1 &&
                 text.find('\0') == std::string_view::npos
             ? Fault()
             : "an IPv6 address";
}

Fault CheckHostname(std::string_view text) {
  constexpr Fault kFault = "a host name";
  if (text.ends_with('.')) text.remove_suffix(1);
  if (text.size() > 253) return kFault;
  for (const std::string_view label : Split(text, '.')) {
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-' ||
        !std::all_of(label.begin(), label.end(), IsAlnumOrDash)) {
      return kFault;
    }
  }
  return {};
}

bool IsLocalPart(std::string_view local) {
  if (local.size() > 64) return false;
  if (local.size() > 1 && local.front() == '"') {
    return local.substr(1, local.size() - 2).find_first_of("\\\"") == std::string_view::npos;
  }
  if (local.starts_with('.') || local.ends_with('.')) return false;
  if (local.find("..") != std::string_view::npos) return false;
  constexpr std::string_view kOthers = ".!#$%&'*+-/=?^_`{|}~";
  return std::all_of(local.begin(), local.end(), [kOthers](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           kOthers.find(c) != std::string_view::npos;
  });
}

Fault CheckEmail(std::string_view text) {
  constexpr Fault kFault = "an e-mail address";
  const size_t at = text.rfind('@');
  if (text.size() > 254 || at == std::string_view::npos || !IsLocalPart(text.substr(0, at))) {
    return kFault;
  }
  std::string_view domain = text.substr(at + 1);
  if (!domain.starts_with('[') || !domain.ends_with(']')) {
    return CheckHostname(domain).empty() ? Fault() : kFault;
  }
  domain = domain.substr(1, domain.size() - 2);
  constexpr std::string_view kIpv6 = "IPv6:";
  const Fault fault =
      domain.starts_with(kIpv6) ? CheckIpv6(domain.substr(kIpv6.size())) : CheckIpv4(domain);
  return fault.empty() ? Fault() : kFault;
}

int NumberAt(std::string_view text, size_t at) {
  return (text[at] - '0') * 10 + (text[at + 1] - '0');
}

Fault CheckDate(std::string_view text) {
  constexpr Fault kFault = "a date such as 2006-01-02";
  if (text.size() != 10 || text[4] != '-' || text[7] != '-' || !AreDigits(text.substr(0, 4)) ||
      !AreDigits(text.substr(5, 2)) || !AreDigits(text.substr(8, 2))) {
    return kFault;
  }
  const int year = NumberAt(text, 0) * 100 + NumberAt(text, 2);
  const int month = NumberAt(text, 5), day = NumberAt(text, 8);
  constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  if (month < 1 || month > 12 || day < 1) return kFault;
  return day <= kDays[static_cast<size_t>(month - 1)] + (leap && month == 2) ? Fault() : kFault;
}

Fault CheckTime(std::string_view text) {
  constexpr Fault kFault = "a time such as 15:04:05Z";
  if (text.size() < 9 || text[2] != ':' || text[5] != ':' || !AreDigits(text.substr(0, 2)) ||
      !AreDigits(text.substr(3, 2)) || !AreDigits(text.substr(6, 2))) {
    return kFault;
  }
  int minutes = NumberAt(text, 0) * 60 + NumberAt(text, 3);
  const int seconds = NumberAt(text, 6);
  if (NumberAt(text, 0) > 23 || NumberAt(text, 3) > 59 || seconds > 60) return kFault;
  std::string_view zone = text.substr(8);
  if (zone.starts_with('.')) {
    const size_t digits = CountDigits(zone.substr(1));
    if (digits == 0) return kFault;
    zone.remove_prefix(digits + 1);
  }
  if (zone != "z" && zone != "Z") {
    if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':' ||
        !AreDigits(zone.substr(1, 2)) || !AreDigits(zone.substr(4, 2)) || NumberAt(zone, 1) > 23 ||
        NumberAt(zone, 4) > 59) {
      return kFault;
    }
    const int offset = NumberAt(zone, 1) * 60 + NumberAt(zone, 4);
    constexpr int kDay = 24 * 60;
    minutes = (minutes + (zone[0] == '+' ? -offset : offset));
    if (minutes < 0) minutes += kDay;
  }
  return seconds < 60 || minutes == 23 * 60 + 59 ? Fault() : kFault;
}

Fault CheckDateTime(std::string_view text) {
  constexpr Fault kFault = "a time such as 2006-01-02T15:04:05Z";
  const bool valid = text.size() >= 20 && (text[10] == 't' || text[10] == 'T') &&
                     CheckDate(text.substr(0, 10)).empty() && CheckTime(text.substr(11)).empty();
  return valid ? Fault() : kFault;
}

Fault CheckPeriod(std::string_view text) {
  constexpr Fault kFault = "a period of two times, or of a time and a duration";
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) return kFault;
  const std::string_view start = text.substr(0, slash), end = text.substr(slash + 1);
  const auto check = [](std::string_view part) {
    return part.starts_with('P') ? CheckDuration(part) : CheckDateTime(part);
  };
  const bool both = start.starts_with('P') && end.starts_with('P');
  return !both && check(start).empty() && check(end).empty() ? Fault() : kFault;
}

std::optional<Url> ReadUrl(std::string_view text) {
  std::string error;
  std::optional<Url> url = ParseUrl(text, &error);
  if (!url) return url;
  const std::string host = url->Hostname();
  if (host.find(':') == std::string::npos) return url;
  const bool bracketed = url->host.find('[') != std::string::npos;
  return bracketed && CheckIpv6(host).empty() ? url : std::nullopt;
}

Fault CheckUri(std::string_view text) {
  const std::optional<Url> url = ReadUrl(text);
  return url && !url->scheme.empty() ? Fault() : "a URI with a scheme, such as https://...";
}

Fault CheckUriReference(std::string_view text) {
  const bool valid = text.find('\\') == std::string_view::npos && ReadUrl(text);
  return valid ? Fault() : "a URI, or a reference to one";
}

Fault CheckUriTemplate(std::string_view text) {
  const std::optional<Url> url = ReadUrl(text);
  if (!url) return "a URI template";
  for (const std::string_view part : Split(url->path, '/')) {
    bool open = false;
    for (const char c : part) {
      if ((c == '{' && open) || (c == '}' && !open)) return "a URI template";
      if (c == '{' || c == '}') open = !open;
    }
    if (open) return "a URI template";
  }
  return {};
}

// Identifiers between dots.
bool AreIdentifiers(std::string_view text, bool zeros) {
  const std::vector<std::string_view> parts = Split(text, '.');
  return std::all_of(parts.begin(), parts.end(), [zeros](std::string_view part) {
    if (part.empty() || !std::all_of(part.begin(), part.end(), IsAlnumOrDash)) return false;
    return zeros || part.size() == 1 || part.front() != '0' || !AreDigits(part);
  });
}

Fault CheckSemver(std::string_view text) {
  constexpr Fault kFault = "a semantic version such as 1.2.3";
  if (const size_t plus = text.find('+'); plus != std::string_view::npos) {
    if (!AreIdentifiers(text.substr(plus + 1), true)) return kFault;
    text = text.substr(0, plus);
  }
  if (const size_t dash = text.find('-'); dash != std::string_view::npos) {
    if (!AreIdentifiers(text.substr(dash + 1), false)) return kFault;
    text = text.substr(0, dash);
  }
  const std::vector<std::string_view> numbers = Split(text, '.');
  bool valid = numbers.size() == 3;
  for (const std::string_view number : numbers) {
    valid = valid && AreDigits(number) && (number.size() == 1 || number.front() != '0');
  }
  return valid ? Fault() : kFault;
}

Fault CheckRegex(std::string_view text) {
  std::string error;
  return Regex::Compile(text, &error) ? Fault() : "a regular expression";
}

struct Named {
  std::string_view name;
  Format check;
};
constexpr Named kFormats[] = {
    {"json-pointer", CheckJsonPointer},
    {"relative-json-pointer", CheckRelativePointer},
    {"uuid", CheckUuid},
    {"duration", CheckDuration},
    {"period", CheckPeriod},
    {"ipv4", CheckIpv4},
    {"ipv6", CheckIpv6},
    {"hostname", CheckHostname},
    {"email", CheckEmail},
    {"date", CheckDate},
    {"time", CheckTime},
    {"date-time", CheckDateTime},
    {"uri", CheckUri},
    {"iri", CheckUri},
    {"uri-reference", CheckUriReference},
    {"iri-reference", CheckUriReference},
    {"uri-template", CheckUriTemplate},
    {"semver", CheckSemver},
    {"regex", CheckRegex},
};

}  // namespace

Format FindFormat(std::string_view name) {
  const auto* const found = std::find_if(std::begin(kFormats), std::end(kFormats),
                                         [name](const Named& each) { return each.name == name; });
  return found == std::end(kFormats) ? nullptr : found->check;
}

}  // namespace headgate::templating::helm
