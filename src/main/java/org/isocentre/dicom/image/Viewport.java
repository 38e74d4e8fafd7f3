package org.isocentre.dicom.image;

import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;

/**
 * The part of a picture to show, and the room for it (PS3.18 §8.3.5.1.3).
 *
 * @param width pixels that the picture has at most
 * @param height as {@code width}
 * @param left column of the part; 0 to show all
 * @param top row of the part
 * @param partWidth columns of the part, negative for mirrored, 0 for all that are left
 * @param partHeight rows of the part, negative for upside down, 0 for all that are left
 */
public record Viewport(int width, int height, int left, int top, int partWidth, int partHeight) {
  /** For the whole picture. */
  public Viewport(int width, int height) {
    this(width, height, 0, 0, 0, 0);
  }

  /**
   * Scales, with square pixels and the proportions kept.
   *
   * @param aspect height of a pixel over its width
   * @throws ImageException if no part of the picture is meant
   */
  BufferedImage show(BufferedImage picture, double aspect) throws ImageException {
    int columns = size(partWidth, picture.getWidth() - left);
    int rows = size(partHeight, picture.getHeight() - top);
    if (left < 0 || top < 0 || columns < 1 || rows < 1) {
      throw new ImageException(
          "ISO-IMAGE-508",
          "no part of the picture of %d by %d is in the viewport"
              .formatted(picture.getWidth(), picture.getHeight()));
    }
    BufferedImage part = picture.getSubimage(left, top, columns, rows);
    double scale = Math.min((double) width / columns, height / (rows * aspect));
    return scaled(
        part,
        Math.max(1, (int) Math.round(columns * scale)),
        Math.max(1, (int) Math.round(rows * aspect * scale)),
        partWidth < 0,
        partHeight < 0);
  }

  private static int size(int asked, int left) {
    return asked == 0 ? left : Math.min(Math.abs(asked), left);
  }

  /** Halves as often as it can, so that each pixel counts. */
  static BufferedImage scaled(
      BufferedImage picture, int toWidth, int toHeight, boolean mirrored, boolean upsideDown) {
    BufferedImage at = picture;
    while (at.getWidth() >= 2 * toWidth && at.getHeight() >= 2 * toHeight) {
      at = draw(at, at.getWidth() / 2, at.getHeight() / 2, false, false);
    }
    return draw(at, toWidth, toHeight, mirrored, upsideDown);
  }

  private static BufferedImage draw(
      BufferedImage from, int width, int height, boolean mirrored, boolean upsideDown) {
    BufferedImage to =
        new BufferedImage(
            from.getColorModel(),
            from.getColorModel().createCompatibleWritableRaster(width, height),
            false,
            null);
    Graphics2D canvas = to.createGraphics();
    try {
      canvas.setRenderingHint(
          RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
      canvas.drawImage(
          from,
          mirrored ? width : 0,
          upsideDown ? height : 0,
          mirrored ? -width : width,
          upsideDown ? -height : height,
          null);
    } finally {
      canvas.dispose();
    }
    return to;
  }
}
