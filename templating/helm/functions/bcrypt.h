#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace headgate::templating::helm {

// bcrypt (Provos and Mazieres, 1999), version 2a: "$2a$10$...". The password has at most 72 bytes.
inline constexpr size_t kBcryptBytesMax = 72;
std::string BcryptHash(std::string_view password, const std::array<std::byte, 16>& salt, int cost);

}  // namespace headgate::templating::helm
