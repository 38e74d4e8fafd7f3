package org.isocentre.dicom.image;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.Area;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.util.List;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;

/** What is hidden around the part of an image that counts (PS3.3 §C.7.6.11). */
final class Shutter {
  private static final int MAX_VERTICES = 10_000;
  private final DataSet state;

  Shutter(DataSet state) {
    this.state = state;
  }

  /** Paints over all that lies outside of any of its shapes. */
  void close(BufferedImage picture) {
    List<String> shapes = state.strings(Tag.ShutterShape);
    Area open = new Area(new Rectangle2D.Double(0, 0, picture.getWidth(), picture.getHeight()));
    Area whole = new Area(open);
    for (String shape : shapes) {
      Area one =
          switch (shape) {
            case "RECTANGULAR" -> rectangle();
            case "CIRCULAR" -> circle();
            case "POLYGONAL" -> polygon();
            default -> null;
          };
      if (one != null) {
        open.intersect(one);
      }
    }
    if (open.equals(whole)) {
      return;
    }
    whole.subtract(open);
    Graphics2D canvas = picture.createGraphics();
    try {
      canvas.setColor(colour());
      canvas.fill(whole);
    } finally {
      canvas.dispose();
    }
  }

  /** A P-value of 16 bits, black without one. */
  private Color colour() {
    Integer value = state.integer(Tag.ShutterPresentationValue);
    int grey = value == null ? 0 : (value & 0xffff) >> 8;
    return new Color(grey, grey, grey);
  }

  private Area rectangle() {
    Integer left = state.integer(Tag.ShutterLeftVerticalEdge);
    Integer right = state.integer(Tag.ShutterRightVerticalEdge);
    Integer upper = state.integer(Tag.ShutterUpperHorizontalEdge);
    Integer lower = state.integer(Tag.ShutterLowerHorizontalEdge);
    if (left == null || right == null || upper == null || lower == null) {
      return null;
    }
    // The edges themselves are shown.
    return new Area(
        new Rectangle2D.Double(left - 1, upper - 1, right - left + 1.0, lower - upper + 1.0));
  }

  private Area circle() {
    long[] centre = state.longs(Tag.CenterOfCircularShutter);
    Integer radius = state.integer(Tag.RadiusOfCircularShutter);
    return centre.length != 2 || radius == null
        ? null
        : new Area(
            new Ellipse2D.Double(
                centre[1] - 0.5 - radius, centre[0] - 0.5 - radius, 2.0 * radius, 2.0 * radius));
  }

  private Area polygon() {
    long[] vertices = state.longs(Tag.VerticesOfThePolygonalShutter);
    if (vertices.length < 6 || vertices.length > 2 * MAX_VERTICES) {
      return null;
    }
    Path2D path = new Path2D.Double();
    for (int i = 0; i + 1 < vertices.length; i += 2) {
      // Row, then column.
      if (i == 0) {
        path.moveTo(vertices[1] - 0.5, vertices[0] - 0.5);
      } else {
        path.lineTo(vertices[i + 1] - 0.5, vertices[i] - 0.5);
      }
    }
    path.closePath();
    return new Area(path);
  }
}
