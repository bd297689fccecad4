package io.faultd.client;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Help;
import picocli.CommandLine.IHelpSectionRenderer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/**
 * Options that help shows together, under a heading.
 *
 * <p>Groups of picocli would do that, too, but with them an option may be given twice, and one that
 * is required may be missing.
 */
final class Sections implements IHelpSectionRenderer {
  private final Map<String, List<OptionSpec>> sections = new LinkedHashMap<>();

  private Sections() {}

  /**
   * Adds options to a command.
   *
   * @param heading empty: at the begin, where all are that were added without this
   */
  static void add(CommandSpec spec, String heading, List<OptionSpec> options) {
    Map<String, IHelpSectionRenderer> renderers = spec.usageMessage().sectionMap();
    String key = UsageMessageSpec.SECTION_KEY_OPTION_LIST;
    Sections all = renderers.get(key) instanceof Sections there ? there : new Sections();
    renderers.put(key, all);
    options.forEach(spec::addOption);
    all.sections.computeIfAbsent(heading, name -> new ArrayList<>()).addAll(options);
  }

  @Override
  public String render(Help help) {
    StringBuilder text = new StringBuilder();
    List<OptionSpec> all = help.commandSpec().options();
    List<OptionSpec> first = new ArrayList<>(all);
    sections.forEach((heading, options) -> {
      if (!heading.isEmpty()) {
        first.removeAll(options);
      }
    });
    sections.forEach((heading, options) -> {
      Help.Layout layout = help.createDefaultLayout(all, List.of(), help.colorScheme());
      layout.addOptions(
          heading.isEmpty() ? first : options, help.createDefaultParamLabelRenderer());
      text.append(heading.isEmpty() ? "" : "%n%s:%n".formatted(heading)).append(layout);
    });
    return text.toString();
  }
}
