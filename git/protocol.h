#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

// Git's wire protocol (gitprotocol-common, -pack, -v2, -http of git's documentation) as far as
// listing and fetching need it. Pure: bytes in, values out.
namespace headgate::git {

// One packet: four hexadecimal digits of length, then the bytes.
struct Packet {
  enum class Kind { kData, kFlush, kDelimiter, kEnd };
  Kind kind;
  std::string_view payload;  // valid until the reader is fed again
};

std::string ToPacket(std::string_view payload);
inline constexpr std::string_view kFlush = "0000";
inline constexpr std::string_view kDelimiter = "0001";

class PacketReader {
 public:
  void Append(std::string_view bytes);
  // Nothing: more bytes are needed. kInvalid: no git at all.
  core::Result<std::optional<Packet>> Next();
  bool empty() const { return at_ == buffer_.size(); }

 private:
  std::string buffer_;
  size_t at_ = 0;
};

using References = std::map<std::string, std::string>;  // "refs/heads/main" to the commit's id

// The answer to GET info/refs. Version 2 lists no references here.
struct Advertisement {
  int version = 0;
  bool can_shallow = false;  // one commit without its history
  References references;
};
core::Result<Advertisement> ParseAdvertisement(std::string_view body);

// Version 2: references that begin with one of the prefixes.
std::string ListRequest(const std::vector<std::string>& prefixes);
core::Result<References> ParseListing(std::string_view body);

// One commit, as a pack without what we have. Whoever has a commit here has its whole tree, and
// nothing of its history.
std::string FetchRequest(const Advertisement& server, const std::string& want,
                         const std::vector<std::string>& haves);

// Reads the answer to a FetchRequest as it comes.
class PackReader {
 public:
  using Sink = std::function<core::Status(std::string_view pack_bytes)>;

  // `sink`'s error ends the reading. kConflict: the server does not (any more) give that commit.
  core::Status Take(std::string_view bytes, const Sink& sink);
  // After the last byte: an error where the answer was cut off.
  core::Status Finish() const;

 private:
  core::Status TakePacket(const Packet& packet, const Sink& sink);

  PacketReader packets_;
  bool begun_ = false, ended_ = false;
};

// What a server says to people, as far as it can be printed.
std::string Printable(std::string_view text);

}  // namespace headgate::git
