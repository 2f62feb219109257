#include "git/protocol.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace headgate::git {
namespace {

constexpr size_t kPacketBytesMax = 65520;
constexpr size_t kServerWordsMax = 200;
constexpr std::string_view kAgent = "agent=headgate\n";

core::Error NoGit(std::string_view what) {
  return core::Unavailable(
      fmt::format("the server does not answer as a git server does ({}): check the URL", what));
}

std::string_view WithoutLineEnd(std::string_view text) {
  return text.ends_with('\n') ? text.substr(0, text.size() - 1) : text;
}

bool IsId(std::string_view text) {
  return text.size() == 40 && text.find_first_not_of("0123456789abcdef") == text.npos;
}

bool HasWord(std::string_view words, std::string_view word) {
  const std::string padded = fmt::format(" {} ", words);
  return padded.find(fmt::format(" {} ", word)) != std::string::npos;
}

core::Error OnError(std::string_view payload) {
  const std::string words = Printable(payload.substr(4));
  if (words.find("not our ref") != std::string::npos) {
    return core::Conflict("the server does not have that commit any more");
  }
  return core::Unavailable(fmt::format("the server says: {}", words));
}

// All data packets of a whole body up to its end, "flush" as an empty one; the first "ERR " ends
// it.
core::Result<std::vector<Packet>> AllPackets(PacketReader& reader, std::string_view body) {
  std::vector<Packet> packets;
  reader.Append(body);
  while (true) {
    core::Result<std::optional<Packet>> packet = reader.Next();
    if (!packet) return packet.error();
    if (!*packet) break;
    if ((*packet)->payload.starts_with("ERR ")) return OnError((*packet)->payload);
    packets.push_back(**packet);
  }
  if (!reader.empty()) return NoGit("its answer is cut off");
  if (packets.empty()) return NoGit("its answer is empty");
  return packets;
}

// "ID NAME": false for what is none.
bool AddReference(std::string_view line, References& references) {
  const size_t space = line.find(' ');
  if (space == line.npos || !IsId(line.substr(0, space))) return false;
  std::string_view name = line.substr(space + 1);
  const size_t end = name.find(' ');  // attributes follow in version 2
  constexpr std::string_view kPeeled = " peeled:";
  const size_t peeled = name.find(kPeeled);
  if (peeled != name.npos) {
    const std::string_view id = name.substr(peeled + kPeeled.size());
    const std::string behind = std::string(name.substr(0, end)) + "^{}";  // as version 0 has it
    if (IsId(id)) references.emplace(behind, id);
  }
  name = name.substr(0, end);
  if (name != "capabilities^{}") references.emplace(name, line.substr(0, space));
  return true;
}

core::Result<Advertisement> ParseV2(const std::vector<Packet>& packets) {
  Advertisement server;
  server.version = 2;
  bool lists = false, fetches = false;
  for (const Packet& packet : packets) {
    const std::string_view line = WithoutLineEnd(packet.payload);
    if (line.starts_with("ls-refs")) lists = true;
    if (line.starts_with("fetch")) fetches = true;
    if (line.starts_with("fetch=")) server.can_shallow = HasWord(line.substr(6), "shallow");
    if (line.starts_with("object-format=") && line != "object-format=sha1") {
      return core::Invalid(
          fmt::format("the repository has {}; only sha1 is supported", Printable(line)));
    }
  }
  if (!lists || !fetches) return NoGit("version 2 without ls-refs and fetch");
  return server;
}

core::Result<Advertisement> ParseV0(const std::vector<Packet>& packets) {
  Advertisement server;
  bool first = true, named_itself = false;
  for (const Packet& packet : packets) {
    if (packet.kind != Packet::Kind::kData) continue;
    std::string_view line = WithoutLineEnd(packet.payload);
    named_itself = named_itself || line == "# service=git-upload-pack";
    if (line.starts_with("# service=") || line == "version 1") continue;
    if (first) {
      const size_t zero = line.find('\0');
      if (zero == line.npos) return NoGit("no capabilities");
      const std::string_view words = line.substr(zero + 1);
      server.can_shallow = HasWord(words, "shallow");
      if (!HasWord(words, "side-band-64k") || !HasWord(words, "ofs-delta")) {
        return core::Invalid("the git server is too old: it has no side-band-64k or ofs-delta");
      }
      if (words.find("object-format=sha256") != words.npos) {
        return core::Invalid("the repository has object-format=sha256; only sha1 is supported");
      }
      line = line.substr(0, zero);
      first = false;
    }
    const bool shallow_server = line.starts_with("shallow ");
    if (!shallow_server && !AddReference(line, server.references)) return NoGit("a bad reference");
  }
  // Of an empty repository git says nothing more than its name.
  if (first && !named_itself) return NoGit("no references and no capabilities");
  return server;
}

}  // namespace

std::string ToPacket(std::string_view payload) {
  return fmt::format("{:04x}{}", payload.size() + 4, payload);
}

void PacketReader::Append(std::string_view bytes) {
  buffer_.erase(0, at_);
  at_ = 0;
  buffer_.append(bytes);
}

core::Result<std::optional<Packet>> PacketReader::Next() {
  const std::string_view rest = std::string_view(buffer_).substr(at_);
  if (rest.size() < 4) return std::optional<Packet>();
  size_t size = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + 4, size, 16);
  if (error != std::errc() || end != rest.data() + 4 || size == 3 || size > kPacketBytesMax) {
    return NoGit("no packet begins with \"" + Printable(rest.substr(0, 4)) + "\"");
  }
  if (size < 3) {
    at_ += 4;
    const Packet::Kind kinds[] = {Packet::Kind::kFlush, Packet::Kind::kDelimiter,
                                  Packet::Kind::kEnd};
    return std::optional(Packet{kinds[size], {}});
  }
  if (rest.size() < size) return std::optional<Packet>();
  at_ += size;
  return std::optional(Packet{Packet::Kind::kData, rest.substr(4, size - 4)});
}

core::Result<Advertisement> ParseAdvertisement(std::string_view body) {
  PacketReader reader;
  core::Result<std::vector<Packet>> packets = AllPackets(reader, body);
  if (!packets) return packets.error();
  // Over HTTP some servers say first which service this is.
  size_t first = 0;
  while (first < packets->size() && ((*packets)[first].kind != Packet::Kind::kData ||
                                     (*packets)[first].payload.starts_with("# service="))) {
    ++first;
  }
  const bool v2 =
      first < packets->size() && WithoutLineEnd((*packets)[first].payload) == "version 2";
  return v2 ? ParseV2(*packets) : ParseV0(*packets);
}

std::string ListRequest(const std::vector<std::string>& prefixes) {
  std::string request = ToPacket("command=ls-refs\n") + ToPacket(kAgent) +
                        ToPacket("object-format=sha1\n") + std::string(kDelimiter) +
                        ToPacket("peel\n");
  for (const std::string& prefix : prefixes) {
    request += ToPacket(fmt::format("ref-prefix {}\n", prefix));
  }
  return request + std::string(kFlush);
}

core::Result<References> ParseListing(std::string_view body) {
  PacketReader reader;
  core::Result<std::vector<Packet>> packets = AllPackets(reader, body);
  if (!packets) return packets.error();
  References references;
  for (const Packet& packet : *packets) {
    if (packet.kind != Packet::Kind::kData) continue;
    if (!AddReference(WithoutLineEnd(packet.payload), references)) return NoGit("a bad reference");
  }
  return references;
}

std::string FetchRequest(const Advertisement& server, const std::string& want,
                         const std::vector<std::string>& haves) {
  std::string request;
  std::string ends_wants;  // in version 0 a flush parts wants from haves
  if (server.version == 2) {
    request = ToPacket("command=fetch\n") + ToPacket(kAgent) + ToPacket("object-format=sha1\n") +
              std::string(kDelimiter) + ToPacket("thin-pack\n") + ToPacket("no-progress\n") +
              ToPacket("ofs-delta\n") + ToPacket(fmt::format("want {}\n", want));
  } else {
    request = ToPacket(fmt::format(
        "want {} side-band-64k thin-pack no-progress ofs-delta agent=headgate\n", want));
    ends_wants = kFlush;
  }
  if (server.can_shallow) {
    for (const std::string& have : haves) request += ToPacket(fmt::format("shallow {}\n", have));
    request += ToPacket("deepen 1\n");
  }
  request += ends_wants;
  for (const std::string& have : haves) request += ToPacket(fmt::format("have {}\n", have));
  request += ToPacket("done\n");
  return server.version == 2 ? request + std::string(kFlush) : request;
}

core::Status PackReader::Take(std::string_view bytes, const Sink& sink) {
  packets_.Append(bytes);
  while (true) {
    core::Result<std::optional<Packet>> packet = packets_.Next();
    if (!packet) return packet.error();
    if (!*packet) return core::Ok();
    if (core::Status taken = TakePacket(**packet, sink); !taken) return taken;
  }
}

// Before the pack come lines of text (shallow, ACK, NAK, names of sections); the pack's packets
// begin with the number of their band: 1 pack, 2 progress, 3 error.
core::Status PackReader::TakePacket(const Packet& packet, const Sink& sink) {
  if (packet.kind != Packet::Kind::kData) {
    if (begun_) ended_ = true;
    return core::Ok();
  }
  if (packet.payload.empty()) return core::Ok();
  const char band = packet.payload[0];
  if (band == 1) {
    begun_ = true;
    return sink(packet.payload.substr(1));
  }
  if (band == 2) return core::Ok();
  if (band == 3) return OnError("ERR " + std::string(packet.payload.substr(1)));
  if (packet.payload.starts_with("ERR ")) return OnError(packet.payload);
  return begun_ ? core::Status(NoGit("text within a pack")) : core::Ok();
}

core::Status PackReader::Finish() const {
  if (ended_ && packets_.empty()) return core::Ok();
  return core::Unavailable(begun_ ? "the server ended in the middle of the pack"
                                  : "the server sent no pack");
}

std::string Printable(std::string_view text) {
  std::string printable(WithoutLineEnd(text.substr(0, kServerWordsMax)));
  std::replace_if(
      printable.begin(), printable.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return printable;
}

}  // namespace headgate::git
