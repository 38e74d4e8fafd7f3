package org.isocentre.dicom.image;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.Shape;
import java.awt.geom.AffineTransform;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.Point2D;
import java.awt.image.BufferedImage;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;

/** Lines and words on an image (PS3.3 §C.10.5), of layers in their order (§C.10.7). */
final class GraphicAnnotations {
  private static final int MAX_POINTS = 100_000;
  private static final int LINES_OF_PICTURE = 40;
  private static final int LEAST_SIZE = 9;
  private final DataSet state;
  private final String instance;
  private final int frame;

  /**
   * @param frame from 0
   */
  GraphicAnnotations(DataSet state, String instance, int frame) {
    this.state = state;
    this.instance = instance;
    this.frame = frame;
  }

  /**
   * @param place where the scaled picture goes
   * @param pixels from pixels of the image, whose first has its corner at 0, to {@code out}
   */
  void draw(
      BufferedImage out, BufferedImage scaled, AffineTransform place, AffineTransform pixels) {
    AffineTransform display = AffineTransform.getScaleInstance(out.getWidth(), out.getHeight());
    Graphics2D canvas = out.createGraphics();
    try {
      canvas.drawImage(scaled, place, null);
      canvas.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
      canvas.setRenderingHint(
          RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
      canvas.setStroke(new BasicStroke(Math.max(1, out.getWidth() / 512f)));
      Map<String, DataSet> layers = layers();
      state.items(Tag.GraphicAnnotationSequence).stream()
          .filter(this::isOfFrame)
          .sorted(
              java.util.Comparator.comparingInt(a -> order(layers.get(a.string(Tag.GraphicLayer)))))
          .forEach(
              annotation -> {
                canvas.setColor(colour(layers.get(annotation.string(Tag.GraphicLayer))));
                for (DataSet graphic : annotation.items(Tag.GraphicObjectSequence)) {
                  graphic(
                      canvas,
                      graphic,
                      transform(graphic, Tag.GraphicAnnotationUnits, pixels, display));
                }
                for (DataSet text : annotation.items(Tag.TextObjectSequence)) {
                  text(canvas, text, pixels, display, out.getHeight());
                }
              });
    } finally {
      canvas.dispose();
    }
  }

  private Map<String, DataSet> layers() {
    Map<String, DataSet> layers = new HashMap<>();
    state.items(Tag.GraphicLayerSequence).forEach(l -> layers.put(l.string(Tag.GraphicLayer), l));
    return layers;
  }

  private boolean isOfFrame(DataSet annotation) {
    List<DataSet> images = annotation.items(Tag.ReferencedImageSequence);
    return images.isEmpty()
        || images.stream().anyMatch(i -> ObjectReference.of(i).means(instance, frame));
  }

  private static int order(DataSet layer) {
    Integer order = layer == null ? null : layer.integer(Tag.GraphicLayerOrder);
    return order == null ? 0 : order;
  }

  /** The layer's grey, white without one. */
  private static Color colour(DataSet layer) {
    Integer value =
        layer == null ? null : layer.integer(Tag.GraphicLayerRecommendedDisplayGrayscaleValue);
    int grey = value == null ? 255 : (value & 0xffff) >> 8;
    return new Color(grey, grey, grey);
  }

  private static AffineTransform transform(
      DataSet of, int units, AffineTransform pixels, AffineTransform display) {
    return "DISPLAY".equals(of.string(units)) ? display : pixels;
  }

  private static void graphic(Graphics2D canvas, DataSet graphic, AffineTransform to) {
    double[] data = graphic.doubles(Tag.GraphicData);
    Shape shape =
        data.length > 2 * MAX_POINTS ? null : shape(graphic.string(Tag.GraphicType), data);
    if (shape == null) {
      return;
    }
    Shape drawn = to.createTransformedShape(shape);
    if ("Y".equals(graphic.string(Tag.GraphicFilled))) {
      canvas.fill(drawn);
    }
    canvas.draw(drawn);
  }

  private static Shape shape(String type, double[] data) {
    if (type == null || data.length < 2) {
      return null;
    }
    return switch (type) {
      case "POINT" -> new Ellipse2D.Double(data[0] - 0.5, data[1] - 0.5, 1, 1);
      case "POLYLINE", "INTERPOLATED" -> line(data);
      case "CIRCLE" -> data.length < 4 ? null : circle(data);
      case "ELLIPSE" -> data.length < 8 ? null : ellipse(data);
      default -> null;
    };
  }

  private static Shape line(double[] data) {
    Path2D path = new Path2D.Double();
    path.moveTo(data[0], data[1]);
    for (int i = 2; i + 1 < data.length; i += 2) {
      path.lineTo(data[i], data[i + 1]);
    }
    return path;
  }

  /** Centre, and a point of it. */
  private static Shape circle(double[] data) {
    double radius = Math.hypot(data[2] - data[0], data[3] - data[1]);
    return new Ellipse2D.Double(data[0] - radius, data[1] - radius, 2 * radius, 2 * radius);
  }

  /** Both ends of the major axis, then of the minor one. */
  private static Shape ellipse(double[] data) {
    double x = (data[0] + data[2]) / 2;
    double y = (data[1] + data[3]) / 2;
    double major = Math.hypot(data[2] - data[0], data[3] - data[1]);
    double minor = Math.hypot(data[6] - data[4], data[7] - data[5]);
    AffineTransform turned =
        AffineTransform.getRotateInstance(Math.atan2(data[3] - data[1], data[2] - data[0]), x, y);
    return turned.createTransformedShape(
        new Ellipse2D.Double(x - major / 2, y - minor / 2, major, minor));
  }

  /** Upright, however the image is turned: in its box, else at its anchor. */
  private static void text(
      Graphics2D canvas,
      DataSet text,
      AffineTransform pixels,
      AffineTransform display,
      int height) {
    String words = text.string(Tag.UnformattedTextValue);
    double[] box = text.doubles(Tag.BoundingBoxTopLeftHandCorner);
    double[] end = text.doubles(Tag.BoundingBoxBottomRightHandCorner);
    double[] anchor = text.doubles(Tag.AnchorPoint);
    boolean boxed = box.length == 2 && end.length == 2;
    if (words == null || !boxed && anchor.length != 2) {
      return;
    }
    int size = Math.max(LEAST_SIZE, height / LINES_OF_PICTURE);
    Point2D at;
    if (boxed) {
      AffineTransform to = transform(text, Tag.BoundingBoxAnnotationUnits, pixels, display);
      Point2D one = to.transform(new Point2D.Double(box[0], box[1]), null);
      Point2D other = to.transform(new Point2D.Double(end[0], end[1]), null);
      at =
          new Point2D.Double(
              Math.min(one.getX(), other.getX()), Math.min(one.getY(), other.getY()) + size);
    } else {
      at =
          transform(text, Tag.AnchorPointAnnotationUnits, pixels, display)
              .transform(new Point2D.Double(anchor[0], anchor[1]), null);
    }
    canvas.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, size));
    float y = (float) at.getY();
    for (String line : words.split("\\R")) {
      canvas.drawString(line, (float) at.getX(), y);
      y += size + 2;
    }
  }
}
