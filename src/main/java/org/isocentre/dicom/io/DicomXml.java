package org.isocentre.dicom.io;

import java.io.IOException;
import java.util.Base64;
import java.util.List;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Dictionary;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.PersonName;
import org.isocentre.dicom.data.PrivateBlock;
import org.isocentre.dicom.data.Tags;
import org.isocentre.dicom.data.Vr;

/**
 * The Native DICOM Model (PS3.19 §A.1), written as it goes. {@link DicomXmlReader} is the way back.
 * The text is for UTF-8, so Specific Character Set (0008,0005) is written as ISO_IR 192.
 */
public final class DicomXml {
  static final String NAMESPACE = "http://dicom.nema.org/PS3.19/models/NativeDICOM";
  static final List<String> GROUPS = List.of("Alphabetic", "Ideographic", "Phonetic");
  static final List<String> COMPONENTS =
      List.of("FamilyName", "GivenName", "MiddleName", "NamePrefix", "NameSuffix");

  private final Appendable out;
  private final DicomJson.BulkUri bulk;

  public DicomXml(Appendable out, DicomJson.BulkUri bulk) {
    this.out = out;
    this.bulk = bulk;
  }

  /**
   * One document. Group lengths are left out.
   *
   * @throws IOException {@code ISO-XML-001} if a text has a character that XML 1.0 cannot hold
   */
  public void write(DataSet dataSet) throws IOException {
    out.append("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<NativeDicomModel xmlns=\"")
        .append(NAMESPACE)
        .append("\" xml:space=\"preserve\">");
    attributes(dataSet);
    out.append("</NativeDicomModel>");
  }

  private void attributes(DataSet dataSet) throws IOException {
    for (Element element : dataSet.elements()) {
      if (!Tags.isGroupLength(element.tag())) {
        head(dataSet, element);
        value(dataSet, element);
        out.append("</DicomAttribute>");
      }
    }
  }

  private void head(DataSet dataSet, Element element) throws IOException {
    String creator = unambiguousCreator(dataSet, element.tag());
    // The block of a private element is told by its creator (PS3.19 Table A.1.5-2).
    int tag = creator == null ? element.tag() : element.tag() & 0xffff00ff;
    Vr vr = element instanceof Element.Sequence ? Vr.SQ : element.vr();
    out.append("<DicomAttribute tag=\"%08X\" vr=\"%s\"".formatted(tag, vr));
    if (creator != null) {
      out.append(" privateCreator=\"");
      text(creator, element.tag());
      out.append('"');
    } else {
      String keyword = Dictionary.element(tag).map(Dictionary.Entry::keyword).orElse("");
      if (!keyword.isEmpty()) {
        out.append(" keyword=\"").append(keyword).append('"');
      }
    }
    out.append('>');
  }

  /** Null also if two blocks have the same creator: then only the tag tells them apart. */
  private static String unambiguousCreator(DataSet dataSet, int tag) {
    String creator = PrivateBlock.creator(dataSet, tag);
    return creator != null
            && PrivateBlock.find(dataSet, tag >>> 16, creator)
                .filter(b -> b.tag(tag) == tag)
                .isPresent()
        ? creator
        : null;
  }

  private void value(DataSet dataSet, Element element) throws IOException {
    if (element instanceof Element.Sequence sequence) {
      for (int i = 0; i < sequence.items().size(); i++) {
        out.append("<Item number=\"" + (i + 1) + "\">");
        attributes(sequence.items().get(i));
        out.append("</Item>");
      }
    } else if (element instanceof Element.Value value) {
      if (value.bytes().length > 0) {
        inMemory(dataSet, value);
      }
    } else {
      String uri = bulk.of(element);
      if (uri == null && element instanceof Element.Remote remote) {
        uri = remote.uri();
      }
      if (uri != null) {
        out.append("<BulkData uri=\"");
        text(uri, element.tag());
        out.append("\"/>");
      }
    }
  }

  private void inMemory(DataSet dataSet, Element.Value value) throws IOException {
    if (value.vr().kind() == Vr.Kind.BYTES) {
      out.append("<InlineBinary>")
          .append(Base64.getEncoder().encodeToString(value.bytes()))
          .append("</InlineBinary>");
      return;
    }
    List<String> values = DicomJson.values(dataSet, value);
    if (values.size() == 1 && values.get(0).isEmpty()) {
      return;
    }
    for (int i = 0; i < values.size(); i++) {
      String name = value.vr() == Vr.PN ? "PersonName" : "Value";
      out.append("<" + name + " number=\"" + (i + 1) + "\">");
      if (value.vr() == Vr.PN) {
        personName(PersonName.parse(values.get(i)), value.tag());
      } else {
        text(values.get(i), value.tag());
      }
      out.append("</" + name + ">");
    }
  }

  private void personName(PersonName name, int tag) throws IOException {
    List<PersonName.Group> groups = List.of(name.alphabetic(), name.ideographic(), name.phonetic());
    for (int g = 0; g < GROUPS.size(); g++) {
      if (groups.get(g).isEmpty()) {
        continue;
      }
      out.append('<').append(GROUPS.get(g)).append('>');
      for (int c = 0; c < COMPONENTS.size(); c++) {
        String component = groups.get(g).components().get(c);
        if (!component.isEmpty()) {
          out.append('<').append(COMPONENTS.get(c)).append('>');
          text(component, tag);
          out.append("</").append(COMPONENTS.get(c)).append('>');
        }
      }
      out.append("</").append(GROUPS.get(g)).append('>');
    }
  }

  private void text(String text, int tag) throws IOException {
    for (int at = 0; at < text.length(); at += Character.charCount(text.codePointAt(at))) {
      int c = text.codePointAt(at);
      switch (c) {
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '&' -> out.append("&amp;");
        case '"' -> out.append("&quot;");
        // Parsers make a line feed of a carriage return, and in attributes a space of both.
        case '\r', '\n', '\t' -> out.append("&#" + c + ";");
        default -> {
          if (c < 0x20 || c >= 0xd800 && c < 0xe000 || c == 0xfffe || c == 0xffff) {
            throw new IOException(
                "ISO-XML-001: a character of %s is none that XML 1.0 can hold; write JSON instead"
                    .formatted(Tags.format(tag)));
          }
          out.append(Character.toString(c));
        }
      }
    }
  }
}
