package io.faultd.experiment;

import io.faultd.fault.Claim;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Who has what on this node. Thread-safe. */
final class Claims {
  private record Holding(String uid, boolean exclusive) {}

  private final Map<String, List<Holding>> byKey = new HashMap<>();
  private final Map<String, Set<String>> byUid = new HashMap<>();

  /**
   * Claims all or nothing; what an experiment has already is in nobody's way but others'.
   *
   * @throws FaultException CONFLICT, naming the other experiment
   */
  synchronized void take(String uid, List<Claim> claims) {
    for (Claim claim : claims) {
      for (Holding other : rivals(uid, claim)) {
        throw new FaultException(
            Reason.CONFLICT,
            claim.name() + " is claimed by experiment " + other.uid() + "; destroy that first");
      }
    }
    restore(uid, claims);
  }

  /** Takes what was claimed before the daemon was started. */
  synchronized void restore(String uid, List<Claim> claims) {
    for (Claim claim : claims) {
      byUid.computeIfAbsent(uid, any -> new HashSet<>()).add(claim.key());
      byKey
          .computeIfAbsent(claim.key(), key -> new ArrayList<>())
          .add(new Holding(uid, claim.exclusive()));
    }
  }

  /** Frees all that an experiment has but these. */
  synchronized void keep(String uid, List<Claim> claims) {
    free(uid);
    restore(uid, claims);
  }

  /** Uids of those that are in the way of these claims. */
  synchronized Set<String> conflicts(String uid, List<Claim> claims) {
    Set<String> found = new LinkedHashSet<>();
    for (Claim claim : claims) {
      rivals(uid, claim).forEach(other -> found.add(other.uid()));
    }
    return found;
  }

  /** Frees all that an experiment has. */
  synchronized void free(String uid) {
    Set<String> keys = byUid.remove(uid);
    for (String key : keys == null ? Set.<String>of() : keys) {
      List<Holding> holdings = byKey.get(key);
      if (holdings != null) {
        holdings.removeIf(holding -> holding.uid().equals(uid));
        if (holdings.isEmpty()) {
          byKey.remove(key);
        }
      }
    }
  }

  private List<Holding> rivals(String uid, Claim claim) {
    return byKey.getOrDefault(claim.key(), List.of()).stream()
        .filter(h -> !h.uid().equals(uid) && (h.exclusive() || claim.exclusive()))
        .toList();
  }
}
