package org.isocentre.dicomweb;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;

/** Text that is burned into a picture where a client asks for it (PS3.18 §8.3.5.1.1). */
final class Annotations {
  private static final int LEAST_SIZE = 9;
  private static final int LINES_OF_PICTURE = 40;

  private Annotations() {}

  /** Changes the picture. */
  static void draw(BufferedImage picture, DataSet set, Set<String> asked) {
    List<String> lines = new ArrayList<>();
    if (asked.contains("patient")) {
      add(lines, set, Tag.PatientName, Tag.PatientID, Tag.PatientBirthDate, Tag.PatientSex);
    }
    if (asked.contains("technique")) {
      add(
          lines,
          set,
          Tag.Modality,
          Tag.StudyDate,
          Tag.StudyDescription,
          Tag.SeriesDescription,
          Tag.BodyPartExamined,
          Tag.InstanceNumber);
    }
    if (lines.isEmpty()) {
      return;
    }
    int size = Math.max(LEAST_SIZE, picture.getHeight() / LINES_OF_PICTURE);
    Graphics2D canvas = picture.createGraphics();
    try {
      canvas.setRenderingHint(
          RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
      canvas.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, size));
      for (int i = 0; i < lines.size(); i++) {
        int y = (i + 1) * (size + 2);
        canvas.setColor(Color.BLACK);
        canvas.drawString(lines.get(i), 5, y + 1);
        canvas.setColor(Color.WHITE);
        canvas.drawString(lines.get(i), 4, y);
      }
    } finally {
      canvas.dispose();
    }
  }

  private static void add(List<String> lines, DataSet set, int... tags) {
    for (int tag : tags) {
      String text = set.string(tag);
      if (text != null) {
        lines.add(text.split("=", 2)[0].replace('^', ' ').strip());
      }
    }
  }
}
