package org.isocentre.hl7;

import java.util.List;

/**
 * What one destination wants otherwise than the builders make it: a few declarative rules, applied
 * in order. The form of their file is in docs/how-to/send-hl7.md.
 */
public final class OutboundRules {
  /** Nothing is changed. */
  public static final OutboundRules NONE = new OutboundRules(List.of());

  private final List<OutboundRule> rules;

  OutboundRules(List<OutboundRule> rules) {
    this.rules = List.copyOf(rules);
  }

  /** How many. */
  public int size() {
    return rules.size();
  }

  /**
   * Reads rules.
   *
   * @param name of the file, for what is wrong with it
   * @param yaml its text
   * @throws InvalidRulesException that names each line that is wrong, with the remedy
   */
  public static OutboundRules read(String name, String yaml) {
    return new OutboundRulesReader(name).read(yaml);
  }

  /** Changes the message. */
  public void apply(OutboundMessage message) {
    rules.forEach(rule -> rule.apply(message));
  }

  /** A rules file that cannot be used. */
  public static final class InvalidRulesException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;
    private final transient List<String> problems;

    InvalidRulesException(List<String> problems) {
      super("ISO-OUTBOUND-001: " + String.join("; ", problems));
      this.problems = List.copyOf(problems);
    }

    /** Each with file, line, what is wrong, what to write. */
    public List<String> problems() {
      return problems;
    }
  }
}
