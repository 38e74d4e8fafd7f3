package org.isocentre.dicom.image;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.PixelInterleavedSampleModel;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.IOException;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;

/**
 * Makes pictures of frames as a person sees them: Modality and VOI LUT, palettes, colour models,
 * overlays. 8 bits of grey, or of red, green and blue.
 */
public final class FrameRenderer {
  private static final double MAX_ASPECT = 10;

  /** That a picture is made longer to. */
  private static final int MAX_SIDE = 4096;

  private static final ComponentColorModel GREY = model(ColorSpace.CS_GRAY);
  private static final ComponentColorModel RGB = model(ColorSpace.CS_sRGB);

  private FrameRenderer() {}

  private static ComponentColorModel model(int space) {
    return new ComponentColorModel(
        ColorSpace.getInstance(space),
        false,
        false,
        java.awt.Transparency.OPAQUE,
        DataBuffer.TYPE_BYTE);
  }

  /**
   * @param frame from 0
   * @param window or null for the object's first, or else all values of the frame
   * @throws UnsupportedTransferSyntaxException if nothing here decodes it
   * @throws ImageException if the frame is corrupt, or its pixels cannot be shown
   */
  public static BufferedImage render(ImageObject object, int frame, Window window)
      throws IOException {
    return render(object, frame, window, null);
  }

  /**
   * @param presented attributes of a presentation state that stand in the place of the object's own
   *     LUTs and polarity, and hide its overlays; null for none
   */
  static BufferedImage render(ImageObject object, int frame, Window window, DataSet presented)
      throws IOException {
    DataSet top = object.dataSet();
    byte[] decoded = object.decode(frame);
    ImagePixel pixel = object.decoded();
    boolean grey = pixel.photometricInterpretation().startsWith("MONOCHROME");
    // A picture in colour may be larger than the frame that it is made of.
    object.limits().frameBytes(pixel.pixels() * (grey ? 1 : 3));
    Integer high = top.integer(Tag.HighBit);
    int highBit =
        high == null || high < pixel.bitsStored() - 1 || high >= pixel.bitsAllocated()
            ? pixel.bitsStored() - 1
            : high;
    Samples samples = new Samples(decoded, pixel, highBit, 0);
    byte[] bytes =
        grey
            ? new GreyPipeline(
                    new FrameAttributes(
                        presented == null ? top : presented, frame, presented != null),
                    samples,
                    window,
                    0)
                .render()
            : new ColourPipeline(top, decoded, pixel, highBit).render();
    if (presented == null) {
      new Overlays(top, pixel).draw(bytes, grey ? 1 : 3, frame, samples);
    }
    return image(bytes, pixel.columns(), pixel.rows(), grey);
  }

  private static BufferedImage image(byte[] bytes, int width, int height, boolean grey) {
    int bands = grey ? 1 : 3;
    int[] offsets = grey ? new int[] {0} : new int[] {0, 1, 2};
    PixelInterleavedSampleModel layout =
        new PixelInterleavedSampleModel(
            DataBuffer.TYPE_BYTE, width, height, bands, width * bands, offsets);
    WritableRaster raster =
        Raster.createWritableRaster(layout, new DataBufferByte(bytes, bytes.length), null);
    return new BufferedImage(grey ? GREY : RGB, raster, false, null);
  }

  /**
   * In the room that there is for it, with square pixels.
   *
   * @param viewport or null for as many pixels as the frame has, along one side others where they
   *     are not square
   */
  public static BufferedImage show(ImageObject object, int frame, Window window, Viewport viewport)
      throws IOException {
    BufferedImage picture = render(object, frame, window);
    double aspect = pixelAspect(object);
    if (viewport != null) {
      return viewport.show(picture, aspect);
    }
    return aspect == 1 ? picture : squared(picture, aspect);
  }

  /** Along the side that has to grow, unless that gets too long: then the other one shrinks. */
  private static BufferedImage squared(BufferedImage picture, double aspect) {
    double width = picture.getWidth();
    double height = picture.getHeight();
    if (aspect > 1) {
      boolean grows = height * aspect <= MAX_SIDE;
      height = grows ? height * aspect : height;
      width = grows ? width : width / aspect;
    } else {
      boolean grows = width / aspect <= MAX_SIDE;
      width = grows ? width / aspect : width;
      height = grows ? height : height * aspect;
    }
    return Viewport.scaled(
        picture,
        Math.max(1, (int) Math.round(width)),
        Math.max(1, (int) Math.round(height)),
        false,
        false);
  }

  /**
   * Height of a pixel over its width, as the object says it; 1 where it does not, or says what no
   * device makes.
   */
  public static double pixelAspect(ImageObject object) {
    DataSet top = object.dataSet();
    double[] ratio = top.doubles(Tag.PixelAspectRatio);
    if (ratio.length != 2) {
      FrameAttributes first = new FrameAttributes(top, 0);
      ratio = first.with(Tag.PixelSpacing, Tag.PixelMeasuresSequence).doubles(Tag.PixelSpacing);
    }
    if (ratio.length != 2) {
      ratio = top.doubles(Tag.ImagerPixelSpacing);
    }
    boolean usable = ratio.length == 2 && ratio[0] > 0 && ratio[1] > 0;
    double aspect = usable ? ratio[0] / ratio[1] : 1;
    return aspect > 1 / MAX_ASPECT && aspect < MAX_ASPECT ? aspect : 1;
  }
}
