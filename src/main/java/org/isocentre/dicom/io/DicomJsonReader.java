package org.isocentre.dicom.io;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Dictionary;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.Tags;
import org.isocentre.dicom.data.Vr;
import org.isocentre.dicom.io.JsonTokens.Token;

/**
 * Reads the DICOM JSON model (PS3.18 Annex F): one object, or an array of them one by one. Data
 * sets are in ISO_IR 192. Limits of depth, elements and bytes are those of {@link ReaderLimits},
 * and hold for each data set; a value longer than {@link ReaderLimits#maxValueBytes} is an error.
 */
public final class DicomJsonReader {
  private final JsonTokens tokens;
  private final ModelElements elements;
  private final BulkData bulk;
  private Token token;
  private boolean started;
  private boolean inArray;

  /** What the members of one attribute's object said, in whatever order. */
  private static final class Attribute {
    Vr vr;
    List<Object> values = List.of();
    String inlineBinary;
    String uri;
  }

  /** A value of VR PN with its groups put together. */
  private record Name(String text) {}

  /**
   * @param in UTF-8
   */
  public DicomJsonReader(InputStream in, ReaderLimits limits, BulkData bulk) {
    BufferedReader text =
        new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder()));
    this.elements = new ModelElements("ISO-JSON", limits, this::position);
    this.tokens = new JsonTokens(text, elements.maxTextLength());
    this.bulk = bulk;
  }

  private long position() {
    return tokens.position();
  }

  /**
   * The next data set, or null if there is none.
   *
   * @throws DicomParseException if the text is no DICOM JSON, or beyond the limits
   */
  public DataSet read() throws IOException {
    try {
      return isAtObject() ? dataSet() : null;
    } catch (CharacterCodingException e) {
      throw elements.error(1, "the text is no UTF-8");
    }
  }

  private boolean isAtObject() throws IOException {
    Token before = started ? Token.COMMA : Token.END;
    advance();
    if (!started) {
      started = true;
      if (token == Token.BEGIN_ARRAY) {
        inArray = true;
        advance();
      }
    } else if (inArray && token == before) {
      advance();
      expect(Token.BEGIN_OBJECT);
    } else if (inArray && token == Token.BEGIN_OBJECT) {
      throw unexpected("a comma");
    }
    if (token == Token.BEGIN_OBJECT && (inArray || before == Token.END)) {
      return true;
    }
    if (inArray && token == Token.END_ARRAY) {
      inArray = false;
      advance();
    }
    if (token != Token.END || inArray) {
      throw unexpected("a data set's object or the end");
    }
    return false;
  }

  private DataSet dataSet() throws IOException {
    DataSet top = elements.begin();
    advance();
    members(top, 0);
    return elements.end(top);
  }

  /** The members of a data set's object; the token is its first name or its end. */
  private void members(DataSet target, int depth) throws IOException {
    List<Integer> seen = new ArrayList<>();
    while (token != Token.END_OBJECT) {
      int tag = elements.tag(name());
      if (target.contains(tag) && (tag != Tag.SpecificCharacterSet || seen.contains(tag))) {
        throw elements.error(20, Tags.format(tag) + " is there twice");
      }
      if (tag == Tag.SpecificCharacterSet) {
        seen.add(tag);
      }
      elements.count(depth);
      expect(Token.BEGIN_OBJECT);
      put(target, tag, attribute(target, depth));
      nextMember();
    }
  }

  private Attribute attribute(DataSet target, int depth) throws IOException {
    Attribute attribute = new Attribute();
    advance();
    while (token != Token.END_OBJECT) {
      String name = name();
      switch (name) {
        case "vr" -> attribute.vr = elements.vr(string(), 0);
        case "Value" -> attribute.values = values(target, depth);
        case "InlineBinary" -> attribute.inlineBinary = string();
        case "BulkDataURI" -> attribute.uri = string();
        default -> throw elements.error(21, "found an unknown member of an attribute's object");
      }
      nextMember();
    }
    return attribute;
  }

  private void put(DataSet target, int tag, Attribute attribute) throws IOException {
    Vr vr = attribute.vr == null ? Dictionary.vr(tag) : attribute.vr;
    boolean hasValues = !attribute.values.isEmpty();
    if (attribute.uri != null && (hasValues || attribute.inlineBinary != null)
        || attribute.inlineBinary != null && hasValues) {
      throw elements.error(
          22, "more than one of Value, InlineBinary and BulkDataURI at " + Tags.format(tag));
    }
    if (attribute.uri != null) {
      target.put(bulk.of(tag, vr, attribute.uri));
    } else if (attribute.inlineBinary != null) {
      elements.inlineBinary(target, tag, vr, attribute.inlineBinary);
    } else if (vr == Vr.SQ) {
      elements.items(target, tag, items(tag, attribute.values));
    } else {
      elements.values(target, tag, vr, texts(tag, vr, attribute.values));
    }
  }

  private List<DataSet> items(int tag, List<Object> values) throws DicomParseException {
    List<DataSet> items = new ArrayList<>();
    for (Object value : values) {
      if (!(value instanceof DataSet item)) {
        throw elements.error(23, "found a value that is no item in " + Tags.format(tag));
      }
      items.add(item);
    }
    return items;
  }

  private List<String> texts(int tag, Vr vr, List<Object> values) throws DicomParseException {
    List<String> texts = new ArrayList<>();
    for (Object value : values) {
      if (value instanceof Name name && vr == Vr.PN) {
        texts.add(name.text());
      } else if (value instanceof String text) {
        texts.add(text);
      } else if (value instanceof DataSet item && item.size() == 0 && vr == Vr.PN) {
        texts.add("");
      } else {
        throw elements.error(
            24, "found an object as a value of VR %s at %s".formatted(vr, Tags.format(tag)));
      }
    }
    return texts;
  }

  private List<Object> values(DataSet target, int depth) throws IOException {
    expect(Token.BEGIN_ARRAY);
    List<Object> values = new ArrayList<>();
    advance();
    while (token != Token.END_ARRAY) {
      values.add(value(target, depth));
      advance();
      if (token == Token.COMMA) {
        advance();
        if (token == Token.END_ARRAY) {
          throw unexpected("a value");
        }
      } else if (token != Token.END_ARRAY) {
        throw unexpected("a comma or the array's end");
      }
    }
    return values;
  }

  private Object value(DataSet target, int depth) throws IOException {
    String text =
        switch (token) {
          case STRING, NUMBER -> tokens.text();
          case NULL, BEGIN_OBJECT -> "";
          default -> throw unexpected("a value");
        };
    elements.hold(text.length());
    return token == Token.BEGIN_OBJECT ? object(target, depth) : text;
  }

  /** An item, or a person's name. */
  private Object object(DataSet target, int depth) throws IOException {
    advance();
    if (token == Token.STRING && DicomXml.GROUPS.contains(tokens.text())) {
      return personName();
    }
    elements.count(depth + 1);
    DataSet item = new DataSet(target);
    members(item, depth + 1);
    return item;
  }

  private Name personName() throws IOException {
    String[] groups = {"", "", ""};
    while (token != Token.END_OBJECT) {
      int group = DicomXml.GROUPS.indexOf(name());
      if (group < 0) {
        throw elements.error(25, "found an unknown group of a person's name (PS3.18 §F.2.2)");
      }
      groups[group] = string();
      if (groups[group].indexOf('=') >= 0) {
        throw elements.error(25, "found a delimiter within a group of a person's name");
      }
      nextMember();
    }
    return new Name(String.join("=", groups).replaceFirst("=+$", ""));
  }

  /** Takes a name and its colon; the token is the value's first then. */
  private String name() throws IOException {
    if (token != Token.STRING) {
      throw unexpected("a name");
    }
    String name = tokens.text();
    advance();
    expect(Token.COLON);
    advance();
    return name;
  }

  private String string() throws IOException {
    expect(Token.STRING);
    elements.hold(tokens.text().length());
    return tokens.text();
  }

  /** After a member's value: to the next name, or the object's end. */
  private void nextMember() throws IOException {
    advance();
    if (token == Token.COMMA) {
      advance();
      expect(Token.STRING);
    } else {
      expect(Token.END_OBJECT);
    }
  }

  private void advance() throws IOException {
    token = tokens.next();
  }

  private void expect(Token expected) throws DicomParseException {
    if (token != expected) {
      throw unexpected(expected.toString());
    }
  }

  private DicomParseException unexpected(String expected) {
    return elements.error(6, "found " + token + ", expected " + expected);
  }
}
