package org.isocentre.dicom.io;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.List;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Dictionary;
import org.isocentre.dicom.data.PersonName;
import org.isocentre.dicom.data.PrivateBlock;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.Tags;
import org.isocentre.dicom.data.Vr;

/**
 * Reads the Native DICOM Model (PS3.19 §A.1), with or without its namespace. A document type
 * declaration is refused, so no entity is ever expanded or fetched. Data sets are in ISO_IR 192.
 * Limits are those of {@link ReaderLimits}; the document itself may have four times {@link
 * ReaderLimits#maxTotalBytes}.
 */
public final class DicomXmlReader {
  private static final int OVERHEAD = 4;

  private final InputStream in;
  private final ModelElements elements;
  private final BulkData bulk;
  private XMLStreamReader xml;

  public DicomXmlReader(InputStream in, ReaderLimits limits, BulkData bulk) {
    this.elements = new ModelElements("ISO-XML", limits, this::position);
    this.in = new Bounded(in, OVERHEAD * limits.maxTotalBytes());
    this.bulk = bulk;
  }

  /** Bounds what the XML parser can take, also for one name or attribute. */
  private final class Bounded extends FilterInputStream {
    private long left;

    Bounded(InputStream in, long most) {
      super(in);
      this.left = most;
    }

    @Override
    public int read() throws IOException {
      return took(super.read(), 1);
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      int got = super.read(target, offset, length);
      return took(got, got);
    }

    private int took(int result, int count) throws IOException {
      left -= Math.max(count, 0);
      if (left < 0) {
        throw elements.error(12, "the document is longer than its limit");
      }
      return result;
    }
  }

  private long position() {
    return xml == null ? 0 : Math.max(0, xml.getLocation().getCharacterOffset());
  }

  /**
   * The document's data set.
   *
   * @throws DicomParseException if it is no Native DICOM Model, or beyond the limits
   */
  public DataSet read() throws IOException {
    try {
      xml = factory().createXMLStreamReader(XmlText.reader(in));
      start("NativeDicomModel");
      DataSet top = elements.begin();
      attributes(top, 0);
      while (xml.hasNext()) {
        xml.next();
      }
      return elements.end(top);
    } catch (XMLStreamException e) {
      if (e.getNestedException() instanceof DicomParseException limit) {
        throw limit;
      }
      throw malformed();
    } catch (CharacterCodingException e) {
      throw malformed();
    } catch (RuntimeException e) {
      // Parsers of the JDK let some errors of the document out as these.
      throw malformed();
    }
  }

  /** Not with the parser's words: they may show values. */
  private DicomParseException malformed() {
    return elements.error(2, "the document is no well-formed XML 1.0");
  }

  private static XMLInputFactory factory() {
    XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    factory.setProperty(XMLInputFactory.IS_REPLACING_ENTITY_REFERENCES, true);
    return factory;
  }

  private void attributes(DataSet target, int depth) throws IOException, XMLStreamException {
    while (nextChild()) {
      expectName("DicomAttribute");
      elements.count(depth);
      attribute(target, depth);
    }
  }

  private void attribute(DataSet target, int depth) throws IOException, XMLStreamException {
    int tag = tag(target);
    if (target.contains(tag) && tag != Tag.SpecificCharacterSet) {
      throw elements.error(20, Tags.format(tag) + " is there twice");
    }
    String name = xml.getAttributeValue(null, "vr");
    Vr vr = name == null ? Dictionary.vr(tag) : elements.vr(name, tag);
    if (vr == Vr.SQ) {
      elements.items(target, tag, items(target, depth));
      return;
    }
    List<String> values = new ArrayList<>();
    boolean done = false;
    while (nextChild()) {
      switch (xml.getLocalName()) {
        case "Value" -> put(values, number(), text());
        case "PersonName" -> put(values, number(), personName());
        case "InlineBinary" -> elements.inlineBinary(target, tag, vr, text());
        case "BulkData" -> target.put(bulk.of(tag, vr, uri()));
        default -> throw unexpected("Value, PersonName, InlineBinary or BulkData");
      }
      done = done || target.contains(tag) && tag != Tag.SpecificCharacterSet;
      if (done && !values.isEmpty()) {
        throw elements.error(22, "more than one kind of value at " + Tags.format(tag));
      }
    }
    if (!done) {
      elements.values(target, tag, vr, values);
    }
  }

  private int tag(DataSet target) throws DicomParseException {
    String text = xml.getAttributeValue(null, "tag");
    int tag = elements.tag(text == null ? "" : text);
    String creator = xml.getAttributeValue(null, "privateCreator");
    if (creator == null || !Tags.isPrivate(tag)) {
      return tag;
    }
    try {
      return PrivateBlock.reserve(target, tag >>> 16, creator).tag(tag);
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw elements.error(16, e.getMessage());
    }
  }

  private List<DataSet> items(DataSet target, int depth) throws IOException, XMLStreamException {
    List<DataSet> items = new ArrayList<>();
    while (nextChild()) {
      expectName("Item");
      elements.count(depth + 1);
      DataSet item = new DataSet(target);
      attributes(item, depth + 1);
      items.add(item);
    }
    return items;
  }

  /** Values may be out of order; those that are not there are empty. */
  private void put(List<String> values, int number, String text) throws DicomParseException {
    while (values.size() < number) {
      elements.hold(0);
      values.add("");
    }
    values.set(number - 1, text);
  }

  private int number() throws DicomParseException {
    String text = xml.getAttributeValue(null, "number");
    if (text == null || !text.matches("[1-9][0-9]{0,8}")) {
      throw elements.error(21, "a value without its number, from 1 on");
    }
    return Integer.parseInt(text);
  }

  private String uri() throws IOException, XMLStreamException {
    String uri = xml.getAttributeValue(null, "uri");
    String uuid = xml.getAttributeValue(null, "uuid");
    if (uri == null && uuid == null) {
      throw elements.error(26, "BulkData without uri and uuid");
    }
    while (nextChild()) {
      throw unexpected("nothing within BulkData");
    }
    return uri == null ? "urn:uuid:" + uuid : uri;
  }

  private String personName() throws IOException, XMLStreamException {
    String[] groups = {"", "", ""};
    while (nextChild()) {
      groups[index(DicomXml.GROUPS)] = components();
    }
    return PersonName.parse(String.join("=", groups)).format();
  }

  private String components() throws IOException, XMLStreamException {
    String[] components = {"", "", "", "", ""};
    while (nextChild()) {
      int index = index(DicomXml.COMPONENTS);
      String text = text();
      if (index < components.length - 1 && text.indexOf('^') >= 0 || text.indexOf('=') >= 0) {
        throw elements.error(25, "found a delimiter within a component of a person's name");
      }
      components[index] = text;
    }
    return String.join("^", components);
  }

  private int index(List<String> names) throws DicomParseException {
    int index = names.indexOf(xml.getLocalName());
    if (index < 0) {
      throw unexpected("one of " + names);
    }
    return index;
  }

  /** The text up to the end of the element that stands here. */
  private String text() throws IOException, XMLStreamException {
    StringBuilder text = new StringBuilder();
    while (xml.next() != XMLStreamConstants.END_ELEMENT) {
      if (xml.isCharacters()) {
        elements.hold(xml.getTextLength());
        text.append(xml.getText());
        if (text.length() > elements.maxTextLength()) {
          throw elements.error(3, "a text longer than the limit; give it by BulkData");
        }
      } else {
        passOver();
      }
    }
    return text.toString();
  }

  /**
   * To the next child element.
   *
   * @return false at the end of the element around it
   */
  private boolean nextChild() throws IOException, XMLStreamException {
    for (int event = xml.next(); event != XMLStreamConstants.END_ELEMENT; event = xml.next()) {
      if (event == XMLStreamConstants.START_ELEMENT) {
        return true;
      }
      if (!xml.isWhiteSpace()) {
        passOver();
      }
    }
    return false;
  }

  private void passOver() throws DicomParseException {
    int event = xml.getEventType();
    if (event != XMLStreamConstants.COMMENT && event != XMLStreamConstants.PROCESSING_INSTRUCTION) {
      throw elements.error(4, "found what the Native DICOM Model has not in this place");
    }
  }

  private void start(String name) throws IOException, XMLStreamException {
    while (xml.next() != XMLStreamConstants.START_ELEMENT) {
      if (xml.getEventType() == XMLStreamConstants.DTD) {
        throw elements.error(5, "a document type declaration is not allowed here");
      }
    }
    expectName(name);
  }

  private void expectName(String name) throws DicomParseException {
    if (!xml.getLocalName().equals(name)) {
      throw unexpected(name);
    }
  }

  private DicomParseException unexpected(String expected) {
    return elements.error(6, "found another element, expected " + expected);
  }
}
