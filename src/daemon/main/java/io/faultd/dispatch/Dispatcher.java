package io.faultd.dispatch;

import io.faultd.fault.Fault;
import io.faultd.fault.FaultException;
import io.faultd.fault.Reason;
import io.faultd.fault.Target;
import io.faultd.spec.ActionSpec;
import io.faultd.spec.CommonFlags;
import io.faultd.spec.CommonRules;
import io.faultd.spec.ContainerFlags;
import io.faultd.spec.ContainerRules;
import io.faultd.spec.EngineSpec;
import io.faultd.spec.FlagSpec;
import io.faultd.spec.Names;
import io.faultd.spec.Specs;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Finds the fault for an order and understands its flags. Thread-safe. */
public final class Dispatcher {
  private static final String HOST = "host";
  private static final String CRI = "cri";
  private static final Set<String> CONTAINER = Set.of(CRI, "docker");

  private final CommonRules rules;
  private final Probe probe;
  private final Finders finders;
  private volatile @Nullable Node node;

  /**
   * What is known of this node.
   *
   * @param missing what it lacks
   * @param views its actions
   */
  private record Node(Map<String, String> missing, List<ActionView> views) {}

  /** By canonical target, then canonical action. */
  private final SequencedMap<String, SequencedMap<String, Choice>> choices = new TreeMap<>();

  /** Canonical target by any of its names. */
  private final Map<String, String> targets = new HashMap<>();

  /** Canonical action by "target name", for any of its names. */
  private final Map<String, String> actions = new HashMap<>();

  /** A dispatcher of orders for this node itself only. */
  public Dispatcher(Specs specs, Probe probe, CommonRules rules) {
    this(specs, probe, rules, Finders.NODE);
  }

  /**
   * A dispatcher.
   *
   * @param probe asked when somebody wants to know; orders go by its last answer, but none is
   *     refused by it
   * @param rules what the settings allow of the common flags
   * @param finders who finds what orders aim at
   */
  public Dispatcher(Specs specs, Probe probe, CommonRules rules, Finders finders) {
    this.rules = rules;
    this.finders = finders;
    this.probe = probe;
    for (Specs.Entry entry : specs.entries()) {
      add(new Choice(entry.spec(), new Ready(entry, fault(entry))));
    }
    specs.planned().forEach(spec -> add(new Choice(spec, null)));
  }

  private Node node() {
    return node(probe.missing());
  }

  private synchronized Node node(Map<String, String> missing) {
    if (node == null || !node.missing().equals(missing)) {
      node = new Node(Map.copyOf(missing), listed(missing));
    }
    return node;
  }

  /** What an order would be refused for; it does not wait while that is found out once more. */
  private @Nullable String lack(Choice choice) {
    Node last = node;
    String lack = lack(choice, (last == null ? node() : last).missing());
    return lack == null || choice.ready() == null
        ? lack
        : lack(choice, node(probe.anew()).missing());
  }

  private List<ActionView> listed(Map<String, String> missing) {
    List<ActionView> views = new ArrayList<>();
    for (SequencedMap<String, Choice> ofTarget : choices.values()) {
      for (Choice choice : ofTarget.values()) {
        ActionSpec spec = choice.spec();
        for (String scope : spec.scopes()) {
          List<FlagSpec> flags = new ArrayList<>(spec.flags());
          flags.addAll(scope.equals(CRI) ? ContainerRules.flags() : List.of());
          flags.addAll(CommonRules.flags());
          views.add(
              new ActionView(
                  scope,
                  spec,
                  List.copyOf(flags),
                  lack(choice, missing),
                  engine(spec, missing),
                  choice.ready() != null));
        }
      }
    }
    return List.copyOf(views);
  }

  /** The first of which the node lacks nothing. */
  private static @Nullable String engine(ActionSpec spec, Map<String, String> missing) {
    return spec.engines().stream()
        .filter(engine -> Collections.disjoint(engine.needs(), missing.keySet()))
        .map(EngineSpec::name)
        .findFirst()
        .orElse(null);
  }

  private void add(Choice choice) {
    ActionSpec spec = choice.spec();
    choices.computeIfAbsent(spec.target(), target -> new TreeMap<>()).put(spec.action(), choice);
    targets.put(spec.target(), spec.target());
    spec.targetAliases().forEach(alias -> targets.put(alias, spec.target()));
    actions.put(spec.target() + " " + spec.action(), spec.action());
    spec.aliases().forEach(alias -> actions.put(spec.target() + " " + alias, spec.action()));
  }

  /**
   * Understands an order.
   *
   * @param scope host; cri or docker for a container; empty: the node, or what the action has
   * @param target name or alias
   * @param action name or alias
   * @param flags as the client wrote them
   * @throws FaultException UNKNOWN_ACTION, UNSUPPORTED, MISSING_PARAMETER or ILLEGAL_PARAMETER
   */
  public Dispatch dispatch(String scope, String target, String action, Map<String, String> flags) {
    checkScope(scope);
    Choice choice = choice(target, action);
    ActionSpec spec = choice.spec();
    String where = where(scope, spec);
    Ready ready = choice.ready();
    String lack = lack(choice);
    if (ready == null || lack != null) {
      throw new FaultException(
          Reason.UNSUPPORTED, "%s %s: %s".formatted(spec.target(), spec.action(), lack));
    }
    boolean contained = where.equals(CRI);
    checkGroup(contained, spec, flags);
    Set<String> group = contained ? ContainerRules.names() : Set.of();
    Record params = ready.entry().binder().bind(flags, group);
    CommonFlags common = rules.read(spec, flags);
    Executor executor = finders.executors().getOrDefault(spec.executor(), Executor.PLACE);
    ContainerFlags container = contained ? ContainerRules.read(flags) : null;
    return new Dispatch(
        spec,
        where,
        Map.copyOf(flags),
        common,
        ready.entry().binder().undo(flags),
        () -> find(container, executor, params),
        ready.fault(),
        params);
  }

  private Target find(@Nullable ContainerFlags container, Executor executor, Record params)
      throws IOException {
    Target place = container == null ? new Target.Host() : finders.containers().find(container);
    boolean found = false;
    try {
      Target target = executor.find(place, params);
      found = true;
      return target;
    } finally {
      if (!found) {
        place.close();
      }
    }
  }

  /**
   * Every action, sorted by target and action, once for each scope that it works in; what this node
   * cannot do says why.
   */
  public List<ActionView> actions() {
    String lack = finders.containers().missing().orElse(null);
    List<ActionView> views = node().views();
    return lack == null ? views : views.stream().map(view -> lacking(view, lack)).toList();
  }

  /** Runtimes come and go, so an order looks for itself; this is for those who look before. */
  private static ActionView lacking(ActionView view, String lack) {
    return view.scope().equals(CRI) && view.missing() == null
        ? new ActionView(
            view.scope(), view.spec(), view.flags(), lack, view.engine(), view.implemented())
        : view;
  }

  /** What this node lacks of a capability; absent: nothing. */
  public @Nullable String missing(String capability) {
    return node().missing().get(capability);
  }

  /** The target that {@code name} stands for; itself if it stands for none. */
  public String canonicalTarget(String name) {
    return targets.getOrDefault(name, name);
  }

  /** The action that {@code name} stands for with this target, or else itself. */
  public String canonicalAction(String target, String name) {
    return actions.getOrDefault(canonicalTarget(target) + " " + name, name);
  }

  /** The actions that {@code name} stands for with one target or another; itself if with none. */
  public Set<String> canonicalActions(String name) {
    Set<String> meant = new TreeSet<>();
    for (String target : choices.keySet()) {
      String action = actions.get(target + " " + name);
      if (action != null) {
        meant.add(action);
      }
    }
    return meant.isEmpty() ? Set.of(name) : meant;
  }

  private static void checkScope(String scope) {
    if (!scope.isEmpty() && !scope.equals(HOST) && !CONTAINER.contains(scope)) {
      throw FaultException.illegal("scope", "must be empty, host or cri: " + Names.shown(scope));
    }
  }

  /** The scope that is meant. */
  private static String where(String scope, ActionSpec spec) {
    String where =
        CONTAINER.contains(scope) || scope.isEmpty() && !spec.scopes().contains(HOST) ? CRI : HOST;
    if (!spec.scopes().contains(where)) {
      String name = spec.target() + " " + spec.action();
      throw FaultException.unsupported(
          "scope",
          where.equals(CRI)
              ? name + " does not work in containers, only on the node (host)"
              : name + " works on containers only (cri)");
    }
    return where;
  }

  /** Flags that name a container mean nothing to this node, and are not to be passed over. */
  private static void checkGroup(boolean contained, ActionSpec spec, Map<String, String> flags) {
    for (FlagSpec flag : contained ? List.<FlagSpec>of() : ContainerRules.flags()) {
      boolean own = spec.flags().stream().anyMatch(each -> each.name().equals(flag.name()));
      if (!own && flags.containsKey(flag.name())) {
        throw FaultException.illegal(
            flag.name(), "names a container, but the scope of this order is host, not cri");
      }
    }
  }

  private Choice choice(String target, String action) {
    if (target.isEmpty()) {
      throw FaultException.missing("target", "is required");
    }
    if (action.isEmpty()) {
      throw FaultException.missing("action", "is required");
    }
    SequencedMap<String, Choice> ofTarget = choices.get(canonicalTarget(target));
    if (ofTarget == null) {
      throw unknown("target", target, "no such target" + Names.hint(target, choices.keySet()));
    }
    Choice choice = ofTarget.get(canonicalAction(target, action));
    if (choice == null) {
      throw unknown(
          "action",
          action,
          "%s has no such action%s"
              .formatted(canonicalTarget(target), Names.hint(action, ofTarget.keySet())));
    }
    return choice;
  }

  private static FaultException unknown(String field, String name, String message) {
    return new FaultException(
        Reason.UNKNOWN_ACTION,
        Reason.UNKNOWN_ACTION.code(),
        field,
        "%s %s: %s".formatted(field, Names.shown(name), message));
  }

  private static @Nullable String lack(Choice choice, Map<String, String> missing) {
    if (choice.ready() == null) {
      return "not implemented in this version of faultd";
    }
    return choice.spec().needs().stream()
        .map(missing::get)
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(null);
  }

  private static Fault<?> fault(Specs.Entry entry) {
    try {
      Constructor<? extends Fault<?>> constructor = entry.fault().getDeclaredConstructor();
      constructor.setAccessible(true);
      return constructor.newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot make a " + entry.fault().getName(), e);
    }
  }

  /** An action; one that is not implemented yet is not ready. */
  private record Choice(ActionSpec spec, @Nullable Ready ready) {}

  /** What does it, and the one instance of its fault. */
  private record Ready(Specs.Entry entry, Fault<?> fault) {}
}
