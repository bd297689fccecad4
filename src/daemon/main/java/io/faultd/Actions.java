package io.faultd;

import io.faultd.dispatch.Dispatcher;
import io.faultd.dispatch.Finders;
import io.faultd.linux.Capabilities;
import io.faultd.spec.ActionSpec;
import io.faultd.spec.CommonRules;
import io.faultd.spec.Names;
import io.faultd.spec.SpecException;
import io.faultd.spec.Specs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What actions there are, and who understands orders by their specs; known when first asked for.
 */
final class Actions {
  private final @Nullable Path folder;
  private final Groundwork groundwork;
  private final CommonRules rules;
  private final Finders finders;
  private @Nullable Known known;

  private record Known(Specs specs, Dispatcher dispatcher) {}

  /** Actions of the jar, and of the operator's own specs in a folder. */
  Actions(@Nullable Path folder, Groundwork groundwork, CommonRules rules, Finders finders) {
    this.folder = folder;
    this.groundwork = groundwork;
    this.rules = rules;
    this.finders = finders;
  }

  /**
   * The specs.
   *
   * @throws StartException if one is wrong; says where
   */
  Specs specs() {
    return known().specs();
  }

  /**
   * Who understands orders.
   *
   * @throws StartException if a spec is wrong; says where
   */
  Dispatcher dispatcher() {
    return known().dispatcher();
  }

  private synchronized Known known() {
    if (known == null) {
      try {
        Specs specs = checked(folder == null ? groundwork.specs() : Specs.load(folder));
        known = new Known(specs, new Dispatcher(specs, groundwork.missing(), rules, finders));
      } catch (SpecException e) {
        throw new StartException(String.valueOf(e.getMessage()), e);
      }
    }
    return known;
  }

  /** A need that nobody looks for would be one that every node has. */
  private static Specs checked(Specs specs) {
    for (ActionSpec spec : specs.all()) {
      for (String need : needs(spec)) {
        if (!Capabilities.NAMES.contains(need)) {
          throw new StartException(
              "the spec of %s %s needs %s: there is no such capability%s"
                  .formatted(
                      spec.target(),
                      spec.action(),
                      Names.shown(need),
                      Names.hint(need, Capabilities.NAMES)));
        }
      }
    }
    return specs;
  }

  private static List<String> needs(ActionSpec spec) {
    List<String> needs = new ArrayList<>(spec.needs());
    spec.engines().forEach(engine -> needs.addAll(engine.needs()));
    return needs;
  }
}
