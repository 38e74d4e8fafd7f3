package org.isocentre.hl7;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.isocentre.hl7.OutboundRules.InvalidRulesException;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * Reads a rules file, and says of all that is wrong in it where, what, and what to write. Only
 * YAML's plain parts are taken: lists, mappings and text; nothing in it makes an object.
 */
final class OutboundRulesReader {
  private static final int MAX_CHARACTERS = 1024 * 1024;
  private static final Set<String> ACTIONS =
      Set.of("set", "map", "move", "copy", "remove", "zsegment");

  /**
   * What rules may not touch: the delimiters, the control ID by which answers are known, and the
   * character set, which the destination's own setting decides.
   */
  private static final Set<Integer> FIXED_IN_MSH = Set.of(1, 2, 10, 18);

  private final String file;
  private final List<String> problems = new ArrayList<>();

  OutboundRulesReader(String file) {
    this.file = file;
  }

  OutboundRules read(String yaml) {
    List<OutboundRule> rules = new ArrayList<>();
    try {
      Node root = yaml(yaml);
      if (root instanceof MappingNode top) {
        Map<String, Node> parts = mapping(top, Set.of("rules"), Set.of("rules"));
        if (parts.get("rules") instanceof SequenceNode list) {
          list.getValue().forEach(node -> rule(node, rules));
        } else if (parts.containsKey("rules")) {
          problem(parts.get("rules"), "rules is no list; begin each rule with \"- \"");
        }
      } else {
        problem(root, "the file must begin with \"rules:\" and a list of rules under it");
      }
    } catch (MarkedYAMLException e) {
      int line = e.getProblemMark() == null ? 1 : e.getProblemMark().getLine() + 1;
      problems.add(file + " line " + line + ": not YAML (" + e.getProblem() + ")");
    } catch (YAMLException e) {
      problems.add(file + ": not YAML, or longer than 1 MB");
    }
    if (!problems.isEmpty()) {
      throw new InvalidRulesException(problems);
    }
    return new OutboundRules(rules);
  }

  private static Node yaml(String text) {
    LoaderOptions options = new LoaderOptions();
    options.setCodePointLimit(MAX_CHARACTERS);
    options.setMaxAliasesForCollections(0);
    options.setNestingDepthLimit(16);
    return new Yaml(options).compose(new StringReader(text));
  }

  private void rule(Node node, List<OutboundRule> rules) {
    if (!(node instanceof MappingNode mapping)) {
      problem(node, "a rule looks like \"set: { field: MSH-6, value: RIS }\"");
      return;
    }
    Set<String> known = new HashSet<>(ACTIONS);
    known.addAll(Set.of("messages", "when"));
    Map<String, Node> parts = mapping(mapping, known, Set.of());
    List<String> actions = parts.keySet().stream().filter(ACTIONS::contains).toList();
    if (actions.size() != 1) {
      problem(node, "a rule does one thing of " + sorted(ACTIONS) + ", this one " + actions);
      return;
    }
    Node body = parts.get(actions.get(0));
    if (!(body instanceof MappingNode action)) {
      problem(body, actions.get(0) + " needs its parts as \"{ name: value }\"");
      return;
    }
    int before = problems.size();
    Set<OutboundKind> kinds = kinds(parts.get("messages"));
    OutboundRule.When when = when(parts.get("when"));
    OutboundRule rule = action(actions.get(0), action);
    if (problems.size() == before) {
      rules.add(new OutboundRule.Conditional(kinds, when, rule));
    }
  }

  private OutboundRule action(String name, MappingNode body) {
    return switch (name) {
      case "set" -> {
        Map<String, Node> parts = mapping(body, Set.of("field", "value"), Set.of("field", "value"));
        yield new OutboundRule.SetValue(target(parts.get("field")), text(parts.get("value")));
      }
      case "map" -> map(body);
      case "copy" -> copy(body, false);
      case "move" -> copy(body, true);
      case "remove" -> remove(body);
      default -> segment(body);
    };
  }

  private OutboundRule map(MappingNode body) {
    Map<String, Node> parts =
        mapping(body, Set.of("field", "values", "otherwise"), Set.of("field", "values"));
    Map<String, String> values = new LinkedHashMap<>();
    if (parts.get("values") instanceof MappingNode table) {
      for (NodeTuple row : table.getValue()) {
        if (values.put(text(row.getKeyNode()), text(row.getValueNode())) != null) {
          problem(row.getKeyNode(), "this value is mapped twice; leave one of both out");
        }
      }
    } else if (parts.containsKey("values")) {
      problem(parts.get("values"), "values looks like \"{ M: \\\"1\\\", F: \\\"2\\\" }\"");
    }
    Node otherwise = parts.get("otherwise");
    return new OutboundRule.MapValues(
        target(parts.get("field")), values, otherwise == null ? null : text(otherwise));
  }

  private OutboundRule copy(MappingNode body, boolean move) {
    Map<String, Node> parts = mapping(body, Set.of("from", "to"), Set.of("from", "to"));
    FieldPath from = move ? target(parts.get("from")) : path(parts.get("from"));
    return new OutboundRule.Copy(from, target(parts.get("to")), move);
  }

  private OutboundRule remove(MappingNode body) {
    Map<String, Node> parts = mapping(body, Set.of("field", "segment"), Set.of());
    if (parts.size() != 1) {
      problem(body, "remove needs either field or segment");
      return null;
    }
    if (parts.containsKey("field")) {
      return new OutboundRule.Remove(target(parts.get("field")));
    }
    String name = text(parts.get("segment"));
    if (name.equals("MSH") || name.equals("PID") || !name.matches("[A-Z][A-Z0-9]{2}")) {
      problem(
          parts.get("segment"),
          "\"" + name + "\" cannot be removed; give a segment such as NTE, but not MSH or PID");
    }
    return new OutboundRule.RemoveSegment(name);
  }

  private OutboundRule segment(MappingNode body) {
    Map<String, Node> parts =
        mapping(body, Set.of("name", "after", "fields"), Set.of("name", "fields"));
    String name = parts.containsKey("name") ? text(parts.get("name")) : "Z00";
    if (!name.matches("Z[A-Z0-9]{2}")) {
      problem(parts.get("name"), "\"" + name + "\" is no Z-segment; its name is Z and two more");
      return null;
    }
    TreeMap<FieldPath, OutboundRule.Content> fields =
        new TreeMap<>(java.util.Comparator.comparing(FieldPath::toString));
    if (parts.get("fields") instanceof MappingNode table) {
      for (NodeTuple row : table.getValue()) {
        FieldPath at = path(row.getKeyNode(), name + "-" + text(row.getKeyNode()));
        if (at != null) {
          fields.put(at, content(row.getValueNode()));
        }
      }
    } else if (parts.containsKey("fields")) {
      problem(parts.get("fields"), "fields looks like \"{ 1: text, 2.1: { from: PID-3.1 } }\"");
    }
    Node after = parts.get("after");
    return new OutboundRule.AddSegment(name, after == null ? "" : text(after), fields);
  }

  private OutboundRule.Content content(Node node) {
    if (node instanceof MappingNode mapping) {
      Map<String, Node> parts = mapping(mapping, Set.of("from"), Set.of("from"));
      return new OutboundRule.Content(null, path(parts.get("from")));
    }
    return new OutboundRule.Content(text(node), null);
  }

  private OutboundRule.When when(Node node) {
    if (node == null) {
      return null;
    }
    if (!(node instanceof MappingNode mapping)) {
      problem(node, "when looks like \"{ field: PV1-2, is: [I, E] }\"");
      return null;
    }
    Map<String, Node> parts = mapping(mapping, Set.of("field", "is"), Set.of("field", "is"));
    return new OutboundRule.When(path(parts.get("field")), new HashSet<>(texts(parts.get("is"))));
  }

  private Set<OutboundKind> kinds(Node node) {
    Set<OutboundKind> kinds = EnumSet.noneOf(OutboundKind.class);
    for (String name : node == null ? List.<String>of() : texts(node)) {
      try {
        kinds.add(OutboundKind.valueOf(name));
      } catch (IllegalArgumentException e) {
        problem(
            node,
            "\"" + name + "\" is no message; give some of " + Arrays.asList(OutboundKind.values()));
      }
    }
    return kinds;
  }

  /** A place that a rule changes. */
  private FieldPath target(Node node) {
    FieldPath path = path(node);
    if (path != null && path.segment().equals("MSH") && FIXED_IN_MSH.contains(path.field())) {
      problem(
          node,
          "MSH-"
              + path.field()
              + " is the hub's own and cannot be changed; take the rule out"
              + (path.field() == 18 ? " and set charset of the destination" : ""));
    }
    return path;
  }

  private FieldPath path(Node node) {
    return node == null ? null : path(node, text(node));
  }

  private FieldPath path(Node node, String text) {
    FieldPath path = FieldPath.parse(text).orElse(null);
    if (path == null) {
      problem(node, "\"" + text + "\" is no field; write PID-3, PID-3.1, PID-3[2].4 or OBX[2]-5.1");
    }
    return path;
  }

  private List<String> texts(Node node) {
    if (node instanceof SequenceNode list) {
      return list.getValue().stream().map(this::text).toList();
    }
    return node == null ? List.of() : List.of(text(node));
  }

  private String text(Node node) {
    if (node instanceof ScalarNode scalar) {
      return scalar.getValue();
    }
    if (node != null) {
      problem(node, "a text was expected here");
    }
    return "";
  }

  private Map<String, Node> mapping(MappingNode node, Set<String> known, Set<String> needed) {
    Map<String, Node> parts = new LinkedHashMap<>();
    for (NodeTuple part : node.getValue()) {
      String name = text(part.getKeyNode());
      if (!known.contains(name)) {
        problem(part.getKeyNode(), "\"" + name + "\" is not known here; use " + sorted(known));
      } else if (parts.put(name, part.getValueNode()) != null) {
        problem(part.getKeyNode(), "\"" + name + "\" is there twice; leave one of both out");
      }
    }
    for (String name : needed.stream().sorted().toList()) {
      if (!parts.containsKey(name)) {
        problem(node, "\"" + name + "\" is missing; add it");
      }
    }
    return parts;
  }

  private static String sorted(Set<String> names) {
    return names.stream().sorted().collect(Collectors.joining(", "));
  }

  private void problem(Node node, String what) {
    int line = node == null ? 1 : node.getStartMark().getLine() + 1;
    problems.add(file + " line " + line + ": " + what);
  }
}
