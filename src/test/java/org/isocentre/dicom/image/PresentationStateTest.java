package org.isocentre.dicom.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.TransferSyntax;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.data.Vr;
import org.isocentre.dicom.io.DataSetWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What a state says, by numbers: the image is 8 by 4, each pixel 10 times its row and its column.
 */
class PresentationStateTest {
  private static final String INSTANCE = "1.2.3";

  private static ImageObject image() throws IOException {
    byte[] pixels = new byte[32];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (i / 8 * 40 + i % 8 * 5);
    }
    DataSet set =
        new DataSet()
            .set(Tag.SOPInstanceUID, INSTANCE)
            .set(Tag.PhotometricInterpretation, "MONOCHROME2")
            .setLongs(Tag.SamplesPerPixel, 1)
            .setLongs(Tag.Rows, 4)
            .setLongs(Tag.Columns, 8)
            .setLongs(Tag.BitsAllocated, 8)
            .setLongs(Tag.BitsStored, 8)
            .setLongs(Tag.HighBit, 7)
            .setLongs(Tag.PixelRepresentation, 0)
            .set(Tag.WindowCenter, "1")
            .set(Tag.WindowWidth, "1");
    set.put(new Element.Value(Tag.PixelData, Vr.OB, pixels));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    new DataSetWriter(
            bytes, TransferSyntax.of(Uid.EXPLICIT_VR_LITTLE_ENDIAN), DataSetWriter.BulkSource.NONE)
        .write(set);
    return ImageObject.open(
        SeekableSource.of(bytes.toByteArray()), Uid.EXPLICIT_VR_LITTLE_ENDIAN, ImageLimits.DEFAULT);
  }

  private static int pixel(int row, int column) {
    return row * 40 + column * 5;
  }

  private static BufferedImage show(DataSet state) throws IOException {
    return new PresentationState(state).show(image(), INSTANCE, 0, null, null);
  }

  private static int at(BufferedImage picture, int x, int y) {
    return picture.getRaster().getSample(x, y, 0);
  }

  private static DataSet area(long left, long top, long right, long bottom) {
    DataSet state = new DataSet();
    DataSet item = state.addItem(Tag.DisplayedAreaSelectionSequence);
    item.setLongs(Tag.DisplayedAreaTopLeftHandCorner, left, top);
    item.setLongs(Tag.DisplayedAreaBottomRightHandCorner, right, bottom);
    item.set(Tag.PresentationPixelAspectRatio, "1", "1");
    return state;
  }

  private static DataSet references(DataSet item, String instance, long... frames) {
    DataSet image = item.addItem(Tag.ReferencedImageSequence);
    image.set(Tag.ReferencedSOPInstanceUID, instance);
    if (frames.length > 0) {
      image.set(Tag.ReferencedFrameNumber, Long.toString(frames[0]));
    }
    return item;
  }

  @Test
  void aStateThatSaysNothingShowsTheValuesThemselves() throws Exception {
    // The window of the image does not count any more.
    BufferedImage picture = show(new DataSet());
    assertThat(picture.getWidth()).isEqualTo(8);
    for (int row = 0; row < 4; row++) {
      for (int column = 0; column < 8; column++) {
        assertThat(at(picture, column, row)).isEqualTo(pixel(row, column));
      }
    }
  }

  @Test
  void theWindowIsThatForTheImage() throws Exception {
    DataSet state = new DataSet();
    DataSet other = references(state.addItem(Tag.SoftcopyVOILUTSequence), "9.9");
    other.set(Tag.WindowCenter, "1").set(Tag.WindowWidth, "1");
    DataSet own = references(state.addItem(Tag.SoftcopyVOILUTSequence), INSTANCE);
    own.set(Tag.WindowCenter, "50").set(Tag.WindowWidth, "100");
    own.set(Tag.VOILUTFunction, "LINEAR_EXACT");
    assertThat(at(show(state), 0, 1)).isEqualTo(102);
    DataSet ofFrame = new DataSet();
    DataSet second = references(ofFrame.addItem(Tag.SoftcopyVOILUTSequence), INSTANCE, 2);
    second.set(Tag.WindowCenter, "1").set(Tag.WindowWidth, "1");
    assertThat(at(show(ofFrame), 0, 1)).isEqualTo(40);
  }

  @Test
  void theOutputGoesThroughThePresentationLut() throws Exception {
    DataSet state = new DataSet();
    DataSet table = state.addItem(Tag.PresentationLUTSequence);
    table.setLongs(Tag.LUTDescriptor, 256, 0, 8);
    byte[] entries = new byte[512];
    for (int i = 0; i < 256; i++) {
      entries[2 * i] = (byte) (255 - i / 2);
    }
    table.put(new Element.Value(Tag.LUTData, Vr.OW, entries));
    assertThat(at(show(state), 0, 2)).isEqualTo(255 - 40);
    assertThat(at(show(new DataSet().set(Tag.PresentationLUTShape, "INVERSE")), 0, 2))
        .isEqualTo(255 - 80);
  }

  @ParameterizedTest
  @CsvSource({
    // The corner at the top left, and what is beside it, of the picture that is turned.
    "0, N, 0, 0, 0, 1",
    "0, Y, 0, 7, 0, 6",
    "90, N, 3, 0, 2, 0",
    "90, Y, 0, 0, 1, 0",
    "180, N, 3, 7, 3, 6",
    "270, N, 0, 7, 1, 7"
  })
  void turnsThenMirrors(
      int degrees, String flip, int row, int column, int rowBeside, int columnBeside)
      throws Exception {
    DataSet state = new DataSet().set(Tag.ImageHorizontalFlip, flip);
    state.setLongs(Tag.ImageRotation, degrees);
    BufferedImage picture = show(state);
    boolean lying = degrees % 180 != 0;
    assertThat(picture.getWidth()).isEqualTo(lying ? 4 : 8);
    assertThat(at(picture, 0, 0)).isEqualTo(pixel(row, column));
    assertThat(at(picture, 1, 0)).isEqualTo(pixel(rowBeside, columnBeside));
  }

  @Test
  void showsTheAreaAndBlackAroundTheImage() throws Exception {
    BufferedImage part = show(area(3, 2, 6, 3));
    assertThat(part.getWidth()).isEqualTo(4);
    assertThat(part.getHeight()).isEqualTo(2);
    assertThat(at(part, 0, 0)).isEqualTo(pixel(1, 2));
    BufferedImage wide = show(area(-1, -1, 10, 6));
    assertThat(wide.getWidth()).isEqualTo(12);
    assertThat(at(wide, 0, 0)).isZero();
    assertThat(at(wide, 2, 2)).isEqualTo(pixel(0, 0));
    assertThat(at(wide, 9, 5)).isEqualTo(pixel(3, 7));
    assertThatThrownBy(() -> show(area(100, 100, 200, 200))).hasMessageContaining("displayed area");
    assertThatThrownBy(() -> show(area(1, 1, 100_000, 4))).hasMessageContaining("displayed area");
    BufferedImage scaled =
        new PresentationState(area(1, 1, 1, 1))
            .show(image(), INSTANCE, 0, null, new Viewport(64, 32));
    assertThat(scaled.getWidth()).isEqualTo(32);
  }

  @Test
  void theShutterHidesWhatIsOutside() throws Exception {
    DataSet state = new DataSet().set(Tag.ShutterShape, "RECTANGULAR");
    state.set(Tag.ShutterLeftVerticalEdge, "3").set(Tag.ShutterRightVerticalEdge, "5");
    state.set(Tag.ShutterUpperHorizontalEdge, "2").set(Tag.ShutterLowerHorizontalEdge, "3");
    state.setLongs(Tag.ShutterPresentationValue, 0xc8ff);
    BufferedImage picture = show(state);
    for (int row = 0; row < 4; row++) {
      for (int column = 0; column < 8; column++) {
        boolean open = row >= 1 && row <= 2 && column >= 2 && column <= 4;
        assertThat(at(picture, column, row)).isEqualTo(open ? pixel(row, column) : 0xc8);
      }
    }
    DataSet circle = new DataSet().set(Tag.ShutterShape, "CIRCULAR");
    circle.set(Tag.CenterOfCircularShutter, "2", "3").set(Tag.RadiusOfCircularShutter, "1");
    assertThat(at(show(circle), 2, 1)).isEqualTo(pixel(1, 2));
    assertThat(at(show(circle), 7, 3)).isZero();
    DataSet triangle = new DataSet().set(Tag.ShutterShape, "POLYGONAL");
    triangle.set(Tag.VerticesOfThePolygonalShutter, "1", "1", "1", "8", "4", "1");
    assertThat(at(show(triangle), 1, 1)).isEqualTo(pixel(1, 1));
    assertThat(at(show(triangle), 7, 3)).isZero();
  }

  private static DataSet line(String units, double... points) {
    DataSet state = new DataSet();
    DataSet layer = state.addItem(Tag.GraphicLayerSequence).set(Tag.GraphicLayer, "A");
    layer.set(Tag.GraphicLayerOrder, "1");
    layer.setLongs(Tag.GraphicLayerRecommendedDisplayGrayscaleValue, 0xffff);
    DataSet annotation = state.addItem(Tag.GraphicAnnotationSequence).set(Tag.GraphicLayer, "A");
    DataSet graphic = annotation.addItem(Tag.GraphicObjectSequence);
    graphic.set(Tag.GraphicAnnotationUnits, units).set(Tag.GraphicType, "POLYLINE");
    graphic.set(Tag.GraphicFilled, "Y");
    graphic.setDoubles(Tag.GraphicData, points);
    return state;
  }

  @Test
  void graphicsLieOnTheirPixels() throws Exception {
    double[] square = {2, 1, 4, 1, 4, 3, 2, 3, 2, 1};
    BufferedImage picture = show(line("PIXEL", square));
    assertThat(at(picture, 3, 2)).isEqualTo(255);
    assertThat(at(picture, 6, 2)).isEqualTo(pixel(2, 6));
    // Turned with the image.
    DataSet turned = line("PIXEL", square);
    turned.setLongs(Tag.ImageRotation, 90);
    assertThat(at(show(turned), 1, 3)).isEqualTo(255);
    assertThat(at(show(turned), 1, 7)).isEqualTo(pixel(2, 7));
    // Of the display, and not turned.
    DataSet display = line("DISPLAY", 0, 0, 0.3, 0, 0.3, 0.5, 0, 0.5, 0, 0);
    display.setLongs(Tag.ImageRotation, 90);
    assertThat(at(show(display), 0, 1)).isEqualTo(255);
    assertThat(at(show(display), 3, 7)).isEqualTo(pixel(0, 7));
    // For another image.
    DataSet others = line("PIXEL", square);
    references(others.items(Tag.GraphicAnnotationSequence).get(0), "9.9");
    assertThat(at(show(others), 3, 2)).isEqualTo(pixel(2, 3));
  }

  @Test
  void namesItsImages() {
    DataSet state = new DataSet();
    DataSet series = state.addItem(Tag.ReferencedSeriesSequence);
    references(series, INSTANCE, 2);
    references(series, "9.9");
    PresentationState presentation = new PresentationState(state);
    assertThat(presentation.references())
        .containsExactly(
            new ObjectReference(INSTANCE, List.of(1)), new ObjectReference("9.9", List.of()));
    assertThat(presentation.isFor(INSTANCE, 1)).isTrue();
    assertThat(presentation.isFor(INSTANCE, 0)).isFalse();
    assertThat(presentation.isFor("9.9", 7)).isTrue();
  }
}
