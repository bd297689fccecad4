package io.faultd.spec;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * A place in a spec file. Straight from the parser: all specs are read at each start, and a tree of
 * settings made of them took three times as long.
 */
final class SpecNode {
  private static final Set<String> ON = Set.of("true", "yes", "on");

  private final String key;
  private final @Nullable Node node;

  private SpecNode(String key, @Nullable Node node) {
    this.key = key;
    this.node = node;
  }

  /**
   * The whole of a file.
   *
   * @throws YAMLException if it is none
   */
  static SpecNode of(String yaml) {
    Node root = new Yaml(new LoaderOptions()).compose(new StringReader(yaml));
    return new SpecNode("", root);
  }

  /** Where it is: names and numbers, with dots between them. */
  String key() {
    return key;
  }

  /** Its name in the place that it is in. */
  String name() {
    return key.substring(key.lastIndexOf('.') + 1);
  }

  boolean exists() {
    return node != null;
  }

  boolean isMap() {
    return node instanceof MappingNode;
  }

  boolean isList() {
    return node instanceof SequenceNode;
  }

  /** What is there under a name; it may not exist. */
  SpecNode get(String name) {
    if (node instanceof MappingNode map) {
      for (NodeTuple tuple : map.getValue()) {
        if (name.equals(name(tuple))) {
          return new SpecNode(below(name), tuple.getValueNode());
        }
      }
    }
    return new SpecNode(below(name), null);
  }

  /** What is there, in its order. */
  List<SpecNode> children() {
    List<SpecNode> children = new ArrayList<>();
    if (node instanceof MappingNode map) {
      for (NodeTuple tuple : map.getValue()) {
        children.add(new SpecNode(below(name(tuple)), tuple.getValueNode()));
      }
    } else if (node instanceof SequenceNode list) {
      for (Node each : list.getValue()) {
        children.add(new SpecNode(below(Integer.toString(children.size())), each));
      }
    }
    return children;
  }

  /** The name of which there are several; absent: there is none. */
  Optional<String> twice() {
    Set<String> names = new HashSet<>();
    return isMap()
        ? children().stream().map(SpecNode::name).filter(name -> !names.add(name)).findFirst()
        : Optional.empty();
  }

  /** The text that is there, as YAML reads it; absent: none, but keys or a list, or nothing. */
  Optional<String> text() {
    if (!(node instanceof ScalarNode scalar)) {
      return Optional.empty();
    }
    if (Objects.equals(scalar.getTag(), Tag.BOOL)) {
      return Optional.of(Boolean.toString(ON.contains(scalar.getValue().toLowerCase(Locale.ROOT))));
    }
    return Optional.of(Objects.equals(scalar.getTag(), Tag.NULL) ? "" : scalar.getValue());
  }

  private String below(String name) {
    return key.isEmpty() ? name : key + "." + name;
  }

  private static String name(NodeTuple tuple) {
    return tuple.getKeyNode() instanceof ScalarNode scalar ? scalar.getValue() : "";
  }
}
