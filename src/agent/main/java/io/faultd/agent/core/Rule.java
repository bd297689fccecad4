package io.faultd.agent.core;

import java.faultd.Gate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/** What is to happen, and where; and how often it did. */
public final class Rule {
  /** Stands for the bootstrap loader, which is null. */
  private static final Object BOOTSTRAP = new Object();

  private static final int MOST_REFUSALS = 8;

  private final String id;
  private final Aim aim;
  private final Action action;
  private final Limits limits;
  private final Rest rest = new Rest();
  private final Map<Object, Map<String, Site>> sites = new WeakHashMap<>();
  private final Set<Class<?>> seen = Collections.newSetFromMap(new WeakHashMap<>());
  private final List<Refusal> refusals = new ArrayList<>();
  private final Set<String> warnings = new LinkedHashSet<>();
  private volatile @Nullable String error;
  private boolean live;

  /**
   * Makes one, which does nothing yet.
   *
   * @param flags to take the limits from; nothing may be left
   * @throws Refusal if a flag is wrong
   */
  public Rule(String id, Aim aim, Action action, Flags flags) throws Refusal {
    this.id = id;
    this.aim = aim;
    this.action = action;
    this.limits = Limits.of(flags);
    flags.end();
  }

  /** Its name. */
  public String id() {
    return id;
  }

  /** How often it struck. */
  public long hits() {
    return limits.hits();
  }

  /** How it does: {@code armed}, {@code waiting}, {@code spent} or {@code broken}. */
  public synchronized String state() {
    if (error != null) {
      return "broken";
    }
    if (limits.spent()) {
      return "spent";
    }
    return sites.isEmpty() ? "waiting" : "armed";
  }

  /** Why it does not work. */
  public @Nullable String error() {
    return error;
  }

  /** Into how many methods it is woven. */
  public synchronized int methods() {
    return all().size();
  }

  /** Into how many classes it is woven. */
  public synchronized int classes() {
    return places().size();
  }

  private Set<String> places() {
    Set<String> places = new HashSet<>();
    for (Site site : all()) {
      places.add(site.place());
    }
    return places;
  }

  Pointcut pointcut() {
    return aim.pointcut();
  }

  Map<Integer, String> arguments() {
    return aim.arguments();
  }

  Action action() {
    return action;
  }

  Rest rest() {
    return rest;
  }

  /** The site of a method; null, and a reason is kept, if there can be none. */
  synchronized @Nullable Site site(Site.Method method, @Nullable ClassLoader loader, String key) {
    Map<String, Site> there = sites.get(loader == null ? BOOTSTRAP : loader);
    Site site = there == null ? null : there.get(key);
    if (site == null) {
      try {
        site = Site.of(this, method);
        if (there == null) {
          there = new HashMap<>();
          sites.put(loader == null ? BOOTSTRAP : loader, there);
        }
        there.put(key, site);
        site.armed = live && !limits.spent();
      } catch (Refusal refusal) {
        refused(refusal);
      }
    }
    return site;
  }

  /** Those of some classes that it was not yet woven into, or tried; from here on it was. */
  synchronized List<Class<?>> unseen(List<Class<?>> types) {
    Set<String> places = places();
    List<Class<?>> unseen = new ArrayList<>();
    for (Class<?> type : types) {
      if (seen.add(type) && !places.contains(Site.place(type.getName(), type.getClassLoader()))) {
        unseen.add(type);
      }
    }
    return unseen;
  }

  /** A method or a class that it cannot be woven into. */
  synchronized void refused(Refusal refusal) {
    if (refusals.size() < MOST_REFUSALS) {
      refusals.add(refusal);
    }
  }

  /**
   * A class that it means was seen, and it was woven into none of its methods: if it waited for
   * that, it waits in vain. One that takes what overrides a method waits for other classes.
   */
  synchronized void passed() {
    Refusal refusal = refusal();
    if (live && sites.isEmpty() && refusal != null && refuses(refusal)) {
      error = refusal.getMessage();
    }
  }

  /** Whether that ends the rule, if it is woven into nothing. */
  boolean refuses(Refusal refusal) {
    return !pointcut().overriding() || refusal.kind() == Refusal.Kind.ILLEGAL;
  }

  /** What it left out although it means it, when it was put in place. */
  public synchronized List<String> warnings() {
    return new ArrayList<>(warnings);
  }

  /** Why it is woven into nothing, as far as was seen. */
  synchronized @Nullable Refusal refusal() {
    return refusals.isEmpty() ? null : refusals.get(0);
  }

  synchronized void check() throws Refusal {
    for (Site site : all()) {
      site.check();
    }
  }

  /** From here on it strikes. */
  synchronized void arm() {
    live = true;
    for (Refusal refusal : refusals) {
      if (refuses(refusal) && !sites.isEmpty()) {
        warnings.add("left out: " + refusal.getMessage());
      }
    }
    refusals.clear();
    arm(!limits.spent());
  }

  /** From here on it strikes no more; who it delays goes on. */
  void disarm() {
    synchronized (this) {
      live = false;
      arm(false);
      for (Site site : all()) {
        Gate.drop(site.id());
      }
    }
    rest.end();
  }

  private void arm(boolean armed) {
    for (Site site : all()) {
      site.armed = armed;
    }
  }

  private Collection<Site> all() {
    List<Site> all = new ArrayList<>();
    for (Map<String, Site> each : sites.values()) {
      all.addAll(each.values());
    }
    return all;
  }

  /** The calls that are struck of all, if which those are depends on no condition. */
  Limits.@Nullable Share share() {
    return aim.condition() == null ? limits.share() : null;
  }

  /** Whether a call that passes is struck; if so it has been counted. */
  boolean takes(@Nullable Object first, @Nullable Object second) throws Exception {
    Condition condition = aim.condition();
    if (condition != null && !(condition.holds(first, second) && turn())) {
      return false;
    }
    boolean taken = limits.take();
    if (limits.spent()) {
      synchronized (this) {
        arm(false);
      }
    }
    return taken;
  }

  private boolean turn() {
    Limits.Share share = limits.share();
    return share == null || share.turn();
  }

  void broken(String why) {
    error = why;
  }
}
