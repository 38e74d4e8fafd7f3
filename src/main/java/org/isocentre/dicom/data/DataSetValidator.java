package org.isocentre.dicom.data;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.isocentre.dicom.data.Finding.Rule;

/**
 * Checks a data set against the rules of value representations (PS3.5 §6.2) and the multiplicity of
 * PS3.6, at all levels. Values that are not in memory are not checked.
 */
public final class DataSetValidator {
  private static final Pattern AGE = Pattern.compile("[0-9]{3}[DWMY]");
  private static final Pattern CODE = Pattern.compile("[A-Z0-9 _]*");
  private static final Pattern DATE = Pattern.compile("[0-9]{8}");
  private static final Pattern DECIMAL =
      Pattern.compile(" *[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)? *");
  private static final Pattern INTEGER = Pattern.compile(" *[+-]?[0-9]+ *");
  private static final Pattern TIME =
      Pattern.compile("([01][0-9]|2[0-3])([0-5][0-9](([0-5][0-9]|60)(\\.[0-9]{1,6})?)?)? *");
  private static final Pattern URI = Pattern.compile("[A-Za-z0-9:/?#\\[\\]@!$&'()*+,;=._~%-]* *");
  private static final BigInteger INT_MIN = BigInteger.valueOf(Integer.MIN_VALUE);
  private static final BigInteger INT_MAX = BigInteger.valueOf(Integer.MAX_VALUE);

  private final int maxFindings;

  /**
   * @param maxFindings after so many the check ends
   */
  public DataSetValidator(int maxFindings) {
    this.maxFindings = maxFindings;
  }

  /** What breaks a rule, in order of tag. */
  public List<Finding> validate(DataSet dataSet) {
    List<Finding> findings = new ArrayList<>();
    check(dataSet, List.of(), findings);
    return findings;
  }

  private void check(DataSet set, List<AttributePath.Item> items, List<Finding> findings) {
    for (Element element : set.elements()) {
      if (findings.size() >= maxFindings) {
        return;
      }
      int tag = element.tag();
      AttributePath path = new AttributePath(items, tag);
      rules(set, element).stream().distinct().forEach(r -> findings.add(new Finding(path, r)));
      int number = 0;
      for (DataSet item : set.items(tag)) {
        List<AttributePath.Item> deeper = new ArrayList<>(items);
        deeper.add(new AttributePath.Item(tag, ++number));
        check(item, deeper, findings);
      }
    }
  }

  private static List<Rule> rules(DataSet set, Element element) {
    List<Rule> broken = new ArrayList<>();
    checkTag(set, element, broken);
    if (element instanceof Element.Value value && value.bytes().length > 0) {
      checkBytes(value, broken);
      List<String> values = set.strings(value.tag());
      if (value.vr().isText()) {
        checkText(set, value, values, broken);
      }
      if (value.vr().isText() || value.vr().kind() == Vr.Kind.BINARY) {
        checkMultiplicity(value, values.size(), broken);
      }
    }
    return broken;
  }

  private static void checkTag(DataSet set, Element element, List<Rule> broken) {
    int tag = element.tag();
    if (Tags.isPrivate(tag)) {
      if (!Tags.isPrivateCreator(tag)
          && !Tags.isGroupLength(tag)
          && PrivateBlock.creator(set, tag) == null) {
        broken.add(Rule.PRIVATE_BLOCK);
      }
      return;
    }
    Optional<Dictionary.Entry> entry = Dictionary.element(tag);
    if (entry.isEmpty()) {
      if (!Tags.isGroupLength(tag)) {
        broken.add(Rule.UNKNOWN_TAG);
      }
    } else if (!allows(entry.get(), element.vr())) {
      broken.add(Rule.VR);
    }
  }

  /** UN is always allowed (PS3.5 §6.2.2); Pixel Data in fragments is OB. */
  private static boolean allows(Dictionary.Entry entry, Vr vr) {
    return vr == Vr.UN
        || entry.vr().length() < 2
        || entry.vr().contains(vr.name())
        || entry.vr().contains("OW") && vr == Vr.OB;
  }

  private static void checkBytes(Element.Value value, List<Rule> broken) {
    byte[] bytes = value.bytes();
    Vr vr = value.vr();
    int unit = vr == Vr.AT ? 4 : vr.unit();
    if (unit > 1 && bytes.length % unit != 0) {
      broken.add(Rule.SIZE);
    }
    byte last = bytes[bytes.length - 1];
    boolean padded = vr == Vr.UI ? last != ' ' : !vr.isText() || last != 0;
    if (bytes.length % 2 != 0 || !padded) {
      broken.add(Rule.PADDING);
    }
  }

  private static void checkMultiplicity(Element.Value value, int count, List<Rule> broken) {
    Dictionary.element(value.tag())
        .filter(e -> !Multiplicity.allows(e.vm(), count))
        .ifPresent(e -> broken.add(Rule.MULTIPLICITY));
  }

  private static void checkText(
      DataSet set, Element.Value value, List<String> values, List<Rule> broken) {
    Vr vr = value.vr();
    if (value.tag() == Tag.SpecificCharacterSet && !set.characterSet().unknownTerms().isEmpty()) {
      broken.add(Rule.CHARACTER_SET);
    }
    if (vr.kind() == Vr.Kind.TEXT && hasHighBytes(value.bytes())) {
      broken.add(Rule.REPERTOIRE);
    }
    for (String text : values) {
      if (tooLong(vr, text)) {
        broken.add(Rule.LENGTH);
      }
      if (!inRepertoire(vr, text)) {
        broken.add(Rule.REPERTOIRE);
      } else if (!text.isEmpty() && !form(vr).test(text)) {
        broken.add(Rule.FORM);
      } else if (vr == Vr.IS && !text.isEmpty() && outOfRange(text)) {
        broken.add(Rule.RANGE);
      }
    }
  }

  private static boolean hasHighBytes(byte[] bytes) {
    for (byte b : bytes) {
      if (b < 0) {
        return true;
      }
    }
    return false;
  }

  /** Characters, not bytes, for text of Specific Character Set (PS3.5 Table 6.2-1). */
  private static boolean tooLong(Vr vr, String text) {
    if (vr == Vr.PN) {
      for (String group : text.split("=", -1)) {
        if (group.codePointCount(0, group.length()) > 64) {
          return true;
        }
      }
      return false;
    }
    return text.codePointCount(0, text.length()) > maxLength(vr);
  }

  private static int maxLength(Vr vr) {
    return switch (vr) {
      case AE, CS, DS, SH -> 16;
      case AS -> 4;
      case DA -> 8;
      case DT -> 26;
      case IS -> 12;
      case LO, UI -> 64;
      case LT -> 10240;
      case ST -> 1024;
      case TM -> 14;
      default -> Integer.MAX_VALUE;
    };
  }

  /** Control characters: only those that format text, and only in long text (PS3.5 §6.1.3). */
  private static boolean inRepertoire(Vr vr, String text) {
    boolean formats = vr == Vr.LT || vr == Vr.ST || vr == Vr.UT;
    return text.chars()
        .allMatch(
            c ->
                c >= 0x20 && c != 0x7f
                    || formats && (c == '\n' || c == '\r' || c == '\f' || c == '\t'));
  }

  private static Predicate<String> form(Vr vr) {
    return switch (vr) {
      case AS -> matches(AGE);
      case CS -> matches(CODE);
      case DA -> t -> DATE.matcher(t).matches() && DateRange.parse(t).isPresent();
      case DS -> t -> DECIMAL.matcher(t).matches() && isDecimal(t);
      case DT -> t -> DateTimeValue.parse(t).isPresent();
      case IS -> matches(INTEGER);
      case TM -> matches(TIME);
      case UI -> Uid::isValid;
      case UR -> matches(URI);
      case PN -> t -> t.split("=", -1).length <= 3;
      default -> t -> true;
    };
  }

  private static Predicate<String> matches(Pattern pattern) {
    return text -> pattern.matcher(text).matches();
  }

  private static boolean isDecimal(String text) {
    try {
      new BigDecimal(text.strip());
      return true;
    } catch (NumberFormatException e) {
      return false;
    }
  }

  private static boolean outOfRange(String text) {
    if (text.length() > 12) {
      return false;
    }
    BigInteger number = new BigInteger(text.strip().replace("+", ""));
    return number.compareTo(INT_MIN) < 0 || number.compareTo(INT_MAX) > 0;
  }
}
