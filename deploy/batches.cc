#include "deploy/batches.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "deploy/annotations/policy.h"
#include "deploy/order.h"

namespace headgate::deploy {
namespace {

// An object with its place in the order.
struct Node {
  const core::Object* object;
  core::ObjectRef ref;
  Policy policy;
  std::optional<int> wave;
  std::vector<size_t> needs;  // nodes that come before it
  int level = -1;             // within its wave; -1: not known yet
};

// Without reading the policy of objects that say nothing about order: most.
bool SaysOrder(const core::Value& body) {
  for (const core::Map::Entry& entry : body.MapAt("metadata", "annotations")) {
    const std::string& key = entry.first;
    if (key == kDependsOnAnnotation || key == "argocd.argoproj.io/sync-wave" ||
        key == "helm.sh/hook-weight" || key.starts_with("kapp.k14s.io/change-")) {
      return true;
    }
  }
  return false;
}

std::string ShowWave(const std::optional<int>& wave) {
  return wave ? fmt::format("wave {}", *wave) : "before all waves";
}

class Graph {
 public:
  core::Status Read(const core::Objects& objects, bool all_must_be_there) {
    for (const core::Object& object : objects) {
      Node node{&object, core::RefOf(object.body), {}, 0, {}, -1};
      if (SaysOrder(object.body)) {
        core::Result<Policy> policy = PolicyOf(object.body);
        if (!policy) return policy.error();
        node.policy = std::move(*policy);
      }
      const OrderClass order = OrderClassOf(node.ref);
      const bool first = order == OrderClass::kNamespaces || order == OrderClass::kDefinitions;
      node.wave = node.policy.wave ? node.policy.wave : first ? std::nullopt : std::optional(0);
      by_ref_[node.ref] = nodes_.size();
      for (const std::string& group : node.policy.groups) by_group_[group].push_back(nodes_.size());
      nodes_.push_back(std::move(node));
    }
    return Connect(all_must_be_there);
  }

  // kInvalid where there is no order.
  core::Status Rank() {
    for (size_t i = 0; i < nodes_.size(); ++i) {
      std::vector<size_t> way;
      if (core::Status ranked = Rank(i, &way); !ranked) return ranked;
    }
    return core::Ok();
  }

  std::vector<Batch> Batches() const {
    std::map<std::pair<std::optional<int>, int>, Batch> batches;
    for (const Node& node : nodes_) {
      Batch& batch = batches[{node.wave, node.level}];
      batch.wave = node.wave;
      batch.objects.push_back(*node.object);
    }
    std::vector<Batch> ordered;
    for (auto& [rank, batch] : batches) {
      batch.objects = InOrder(std::move(batch.objects));
      ordered.push_back(std::move(batch));
    }
    return ordered;
  }

 private:
  core::Status Connect(bool all_must_be_there) {
    for (size_t i = 0; i < nodes_.size(); ++i) {
      for (const core::ObjectRef& ref : nodes_[i].policy.depends_on) {
        const auto found = by_ref_.find(ref);
        if (found != by_ref_.end()) {
          nodes_[i].needs.push_back(found->second);
        } else if (all_must_be_there) {
          return core::Invalid(
              fmt::format("{}: annotation {}: {} is not among the objects of this application",
                          core::Show(nodes_[i].ref), kDependsOnAnnotation, core::Show(ref)));
        }
      }
      for (const std::string& group : nodes_[i].policy.after) {
        for (const size_t member : by_group_[group]) nodes_[i].needs.push_back(member);
      }
      for (const std::string& group : nodes_[i].policy.before) {
        for (const size_t member : by_group_[group]) nodes_[member].needs.push_back(i);
      }
    }
    return core::Ok();
  }

  // Depth is bounded by the number of objects that depend on each other in a row.
  core::Status Rank(size_t i, std::vector<size_t>* way) {
    Node& node = nodes_[i];
    if (node.level >= 0) return core::Ok();
    if (const auto again = std::find(way->begin(), way->end(), i); again != way->end()) {
      return core::Invalid("these objects wait for each other: " + ShowWay(again, way->end(), i));
    }
    if (way->size() >= kWayMax) {
      return core::Invalid(fmt::format("{}: more than {} objects depend on each other in a row",
                                       core::Show(node.ref), kWayMax));
    }
    way->push_back(i);
    int level = 0;
    for (const size_t need : node.needs) {
      if (nodes_[need].wave > node.wave) {
        return core::Invalid(fmt::format(
            "{} ({}) depends on {} ({}), which comes later", core::Show(node.ref),
            ShowWave(node.wave), core::Show(nodes_[need].ref), ShowWave(nodes_[need].wave)));
      }
      if (core::Status ranked = Rank(need, way); !ranked) return ranked;
      if (nodes_[need].wave == node.wave) level = std::max(level, nodes_[need].level + 1);
    }
    way->pop_back();
    node.level = level;
    return core::Ok();
  }

  using At = std::vector<size_t>::const_iterator;
  std::string ShowWay(At begin, At end, size_t last) const {
    std::vector<std::string> names;
    for (; begin != end; ++begin) names.push_back(core::Show(nodes_[*begin].ref));
    names.push_back(core::Show(nodes_[last].ref));
    return fmt::format("{}", fmt::join(names, " -> "));
  }

  static constexpr size_t kWayMax = 1000;

  std::vector<Node> nodes_;
  std::map<core::ObjectRef, size_t> by_ref_;
  std::map<std::string, std::vector<size_t>> by_group_;
};

bool AnySaysOrder(const core::Objects& objects) {
  return std::any_of(objects.begin(), objects.end(),
                     [](const core::Object& object) { return SaysOrder(object.body); });
}

}  // namespace

core::Result<std::vector<Batch>> InBatches(const core::Objects& prepared) {
  if (!AnySaysOrder(prepared)) return std::vector<Batch>{{0, prepared}};
  Graph graph;
  if (core::Status read = graph.Read(prepared, false); !read) return read.error();
  if (core::Status ranked = graph.Rank(); !ranked) return ranked.error();
  return graph.Batches();
}

core::Status CheckOrder(const core::Objects& prepared) {
  if (!AnySaysOrder(prepared)) return core::Ok();
  Graph graph;
  if (core::Status read = graph.Read(prepared, true); !read) return read;
  return graph.Rank();
}

}  // namespace headgate::deploy
