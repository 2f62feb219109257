// Deployer::StepHooks: does what NextHookMoves says.
#include "deploy/apply.h"

namespace headgate::deploy {
namespace {

// Each hook takes a few moves: deleted, created, finished. More would be a fault of ours.
size_t MovesMax(const core::Objects& bundle) { return 3 * bundle.size() + 3; }

core::Status Take(const HookMoves& moves, HookRun* run, const HookOptions& options) {
  if (moves.finished.empty() && moves.failed.empty()) return core::Ok();
  run->finished.insert(moves.finished.begin(), moves.finished.end());
  if (!moves.failed.empty()) run->failed = moves.failed;
  return options.record ? options.record(*run) : core::Ok();
}

}  // namespace

core::Result<HookMoves> Deployer::StepHooks(const core::Objects& bundle, HookPhase phase,
                                            HookRun* run, const HookOptions& options,
                                            std::stop_token stop) const {
  const auto wrote = [&](const core::ObjectRef& ref, std::shared_ptr<const core::Value> live) {
    if (options.wrote) options.wrote(ref, std::move(live));
  };
  for (size_t i = 0; i < MovesMax(bundle); ++i) {
    HookMoves moves = NextHookMoves(bundle, phase, *run, options.wave_max, options.apply.live);
    run->started.insert(moves.started.begin(), moves.started.end());
    if (!moves.moves()) return moves;
    if (core::Status taken = Take(moves, run, options); !taken) return taken.error();
    if (!moves.remove.empty()) {
      PruneOptions remove;
      remove.set = options.apply.set;
      remove.may_write = options.apply.may_write;
      remove.hooks = true;
      const PruneOutcome removed = Remove(moves.remove, remove, stop);
      if (core::Status done = removed.status(); !done) return done.error();
      for (const core::ObjectRef& ref : removed.pruned) wrote(ref, nullptr);
    }
    if (!moves.failed.empty()) return moves;
    if (moves.create.empty()) {
      if (moves.finished.empty()) return moves;  // what is deleted takes its time
      continue;
    }
    core::Result<ApplyOutcome> outcome = Apply(moves.create, options.apply, stop);
    if (!outcome) return outcome.error();
    if (core::Status done = outcome->status(); !done) return done.error();
    for (const ObjectOutcome& object : outcome->objects) wrote(object.ref, object.live);
  }
  return core::Internal("the hooks of this bundle come to no end");
}

}  // namespace headgate::deploy
