package org.isocentre.dicom.image;

import java.awt.geom.AffineTransform;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Tag;

/**
 * A Grayscale or Color Softcopy Presentation State (PS3.3 §A.33.1, §A.33.2): how somebody wanted
 * images to be seen. It stands in the place of what the image says of its own: a Modality or VOI
 * LUT that the state has not is identity (PS3.4 §N.2.1). Of the size modes, all are shown to fit.
 */
public final class PresentationState {
  private static final String GRAYSCALE = "1.2.840.10008.5.1.4.1.1.11.1";
  private static final Set<String> CLASSES = Set.of(GRAYSCALE, "1.2.840.10008.5.1.4.1.1.11.2");
  private static final int MAX_SIDE = 4096;
  private static final int[] MODALITY = {
    Tag.ModalityLUTSequence, Tag.RescaleSlope, Tag.RescaleIntercept
  };
  private static final int[] VOI = {
    Tag.WindowCenter, Tag.WindowWidth, Tag.VOILUTFunction, Tag.VOILUTSequence
  };

  private final DataSet state;

  /**
   * @param state of one of these classes
   */
  public PresentationState(DataSet state) {
    this.state = state;
  }

  /** Whether objects of a class are such states. */
  public static boolean is(String sopClassUid) {
    return CLASSES.contains(sopClassUid);
  }

  /** The images that it is for, in its order. */
  public List<ObjectReference> references() {
    List<ObjectReference> all = new ArrayList<>();
    for (DataSet series : state.items(Tag.ReferencedSeriesSequence)) {
      series
          .items(Tag.ReferencedImageSequence)
          .forEach(image -> all.add(ObjectReference.of(image)));
    }
    return all;
  }

  /** Whether it is for a frame of an image. */
  public boolean isFor(String instance, int frame) {
    return references().stream().anyMatch(r -> r.means(instance, frame));
  }

  /**
   * A picture of an image as the state says.
   *
   * @param instance SOP Instance UID of the image
   * @param frame from 0
   * @param window in the place of the state's; or null
   * @param viewport or null for as many pixels as the displayed area has
   */
  public BufferedImage show(
      ImageObject image, String instance, int frame, Window window, Viewport viewport)
      throws IOException {
    BufferedImage picture =
        FrameRenderer.render(image, frame, window, attributes(image, instance, frame));
    new Shutter(state).close(picture);
    Rectangle2D area = displayedArea(picture, instance, frame);
    double aspect = aspect(image, instance, frame);
    return arranged(picture, area, aspect, viewport, instance, frame);
  }

  /** What the image says is replaced by these. */
  private DataSet attributes(ImageObject image, String instance, int frame) {
    DataSet own = new DataSet();
    copy(image.dataSet(), own, Tag.PixelPaddingValue, Tag.PixelPaddingRangeLimit);
    copy(state, own, MODALITY);
    item(Tag.SoftcopyVOILUTSequence, instance, frame).ifPresent(voi -> copy(voi, own, VOI));
    copy(state, own, Tag.PresentationLUTSequence, Tag.PresentationLUTShape);
    return own;
  }

  private static void copy(DataSet from, DataSet to, int... tags) {
    for (int tag : tags) {
      Element element = from.get(tag);
      if (element instanceof Element.Sequence sequence) {
        sequence.items().forEach(item -> to.addItem(tag, item.copy()));
      } else if (element != null) {
        to.put(element);
      }
    }
  }

  /** That for the image; else one that is for all. */
  private Optional<DataSet> item(int sequence, String instance, int frame) {
    DataSet forAll = null;
    for (DataSet item : state.items(sequence)) {
      List<DataSet> images = item.items(Tag.ReferencedImageSequence);
      if (images.isEmpty()) {
        forAll = forAll == null ? item : forAll;
      } else if (images.stream().anyMatch(i -> ObjectReference.of(i).means(instance, frame))) {
        return Optional.of(item);
      }
    }
    return Optional.ofNullable(forAll);
  }

  /** In pixels of the image, before it is turned (PS3.3 §C.10.4); the whole image without one. */
  private Rectangle2D displayedArea(BufferedImage picture, String instance, int frame)
      throws ImageException {
    DataSet area = item(Tag.DisplayedAreaSelectionSequence, instance, frame).orElse(null);
    long[] one = area == null ? new long[0] : area.longs(Tag.DisplayedAreaTopLeftHandCorner);
    long[] other = area == null ? new long[0] : area.longs(Tag.DisplayedAreaBottomRightHandCorner);
    if (one.length != 2 || other.length != 2) {
      return new Rectangle2D.Double(0, 0, picture.getWidth(), picture.getHeight());
    }
    long left = Math.min(one[0], other[0]) - 1;
    long top = Math.min(one[1], other[1]) - 1;
    long width = Math.abs(one[0] - other[0]) + 1;
    long height = Math.abs(one[1] - other[1]) + 1;
    Rectangle2D shown = new Rectangle2D.Double(left, top, width, height);
    if (!shown.intersects(0, 0, picture.getWidth(), picture.getHeight())
        || width > 64L * picture.getWidth()
        || height > 64L * picture.getHeight()) {
      throw new ImageException(
          "ISO-IMAGE-510", "the displayed area of the presentation state is not of the image");
    }
    return shown;
  }

  /** Height of a pixel over its width. */
  private double aspect(ImageObject image, String instance, int frame) {
    DataSet area = item(Tag.DisplayedAreaSelectionSequence, instance, frame).orElse(null);
    if (area != null) {
      double[] ratio = area.doubles(Tag.PresentationPixelSpacing);
      if (ratio.length != 2) {
        ratio = area.doubles(Tag.PresentationPixelAspectRatio);
      }
      if (ratio.length == 2 && ratio[0] > 0 && ratio[1] > 0) {
        double aspect = ratio[0] / ratio[1];
        return aspect > 0.1 && aspect < 10 ? aspect : 1;
      }
    }
    return FrameRenderer.pixelAspect(image);
  }

  /** Cut, scaled, turned clockwise, then mirrored (PS3.3 §C.10.6); graphics on top. */
  private BufferedImage arranged(
      BufferedImage picture,
      Rectangle2D area,
      double aspect,
      Viewport viewport,
      String instance,
      int frame)
      throws ImageException {
    int turns = turns();
    boolean lying = turns % 2 == 1;
    double width = area.getWidth();
    double height = area.getHeight() * aspect;
    double room = viewport == null ? MAX_SIDE : lying ? viewport.height() : viewport.width();
    double below = viewport == null ? MAX_SIDE : lying ? viewport.width() : viewport.height();
    double scale = Math.min(room / width, below / height);
    scale = viewport == null ? Math.min(1, scale) : scale;
    int toWidth = Math.max(1, (int) Math.round(width * scale));
    int toHeight = Math.max(1, (int) Math.round(height * scale));

    double across = toWidth / area.getWidth();
    double down = toHeight / area.getHeight();
    // Of the image what is in the area, so that no more is made than is shown.
    Rectangle2D part =
        area.createIntersection(
            new Rectangle2D.Double(0, 0, picture.getWidth(), picture.getHeight()));
    BufferedImage scaled =
        Viewport.scaled(
            picture.getSubimage(
                (int) part.getX(),
                (int) part.getY(),
                (int) part.getWidth(),
                (int) part.getHeight()),
            Math.max(1, (int) Math.round(part.getWidth() * across)),
            Math.max(1, (int) Math.round(part.getHeight() * down)),
            false,
            false);
    AffineTransform turn = turn(turns, toWidth, toHeight);
    BufferedImage out =
        new BufferedImage(
            picture.getColorModel(),
            picture
                .getColorModel()
                .createCompatibleWritableRaster(
                    lying ? toHeight : toWidth, lying ? toWidth : toHeight),
            false,
            null);
    AffineTransform place = new AffineTransform(turn);
    place.translate(
        Math.round((part.getX() - area.getX()) * across),
        Math.round((part.getY() - area.getY()) * down));
    AffineTransform image = new AffineTransform(turn);
    image.scale(across, down);
    image.translate(-area.getX(), -area.getY());
    new GraphicAnnotations(state, instance, frame).draw(out, scaled, place, image);
    return out;
  }

  private int turns() {
    Integer degrees = state.integer(Tag.ImageRotation);
    return degrees == null ? 0 : Math.floorMod(degrees / 90, 4);
  }

  /** From the upright picture to the one that is turned and mirrored. */
  private AffineTransform turn(int turns, int width, int height) {
    boolean lying = turns % 2 == 1;
    AffineTransform all = new AffineTransform();
    if ("Y".equals(state.string(Tag.ImageHorizontalFlip))) {
      all.translate(lying ? height : width, 0);
      all.scale(-1, 1);
    }
    switch (turns) {
      case 1 -> all.translate(height, 0);
      case 2 -> all.translate(width, height);
      case 3 -> all.translate(0, width);
      default -> {
        // Upright.
      }
    }
    all.quadrantRotate(turns);
    return all;
  }
}
