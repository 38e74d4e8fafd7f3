package org.isocentre.dicomweb;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.image.FrameRenderer;
import org.isocentre.dicom.image.ImageException;
import org.isocentre.dicom.image.ImageObject;
import org.isocentre.dicom.image.PictureWriter;
import org.isocentre.dicom.image.PresentationState;
import org.springframework.http.HttpStatus;
import org.springframework.web.server.ResponseStatusException;

/** Makes pictures, a bounded number at a time: each holds a decoded frame in memory. */
public final class Renderer {
  static final String JPEG = "image/jpeg";
  static final String PNG = "image/png";
  static final String GIF = "image/gif";
  private static final long PATIENCE_SECONDS = 20;

  /** Hundredths of a second, where the object does not say. */
  private static final int DELAY = 10;

  private final Semaphore room;

  /**
   * @param atOnce pictures that are made at once; a call that gets no turn in 20 seconds is
   *     answered 503
   */
  public Renderer(int atOnce) {
    room = new Semaphore(atOnce, true);
  }

  /** Work that holds pixels. */
  @FunctionalInterface
  private interface Work<T> {
    T run() throws IOException;
  }

  private <T> T bounded(Work<T> work) throws IOException {
    try {
      if (!room.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new ResponseStatusException(
            HttpStatus.SERVICE_UNAVAILABLE,
            "ISO-WADO-014: too many pictures are being made; try again in a few seconds");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ResponseStatusException(
          HttpStatus.SERVICE_UNAVAILABLE, "ISO-WADO-014: the hub is being shut down", e);
    }
    try {
      return work.run();
    } catch (ImageException e) {
      // What it says has no values of the object.
      throw new ResponseStatusException(
          HttpStatus.NOT_ACCEPTABLE,
          "ISO-WADO-015: no picture can be made of it, the object itself is to be had as application/dicom: "
              + e.getMessage(),
          e);
    } finally {
      room.release();
    }
  }

  /**
   * @param type {@link #JPEG}, {@link #PNG} or, of one picture, {@link #GIF}
   * @param frame from 0
   * @throws ResponseStatusException 406 if no picture can be made of it, 503 if too many are
   */
  byte[] picture(ImageObject image, int frame, String type, RenderingRequest request)
      throws IOException {
    return picture(
        () -> FrameRenderer.show(image, frame, request.window(), request.viewport()),
        image,
        type,
        request);
  }

  /**
   * As a presentation state says.
   *
   * @param instance SOP Instance UID of the image
   */
  byte[] picture(
      ImageObject image,
      String instance,
      int frame,
      PresentationState state,
      String type,
      RenderingRequest request)
      throws IOException {
    return picture(
        () -> state.show(image, instance, frame, request.window(), request.viewport()),
        image,
        type,
        request);
  }

  private byte[] picture(
      Work<BufferedImage> work, ImageObject image, String type, RenderingRequest request)
      throws IOException {
    return bounded(
        () -> {
          BufferedImage picture = work.run();
          Annotations.draw(picture, image.dataSet(), request.annotations());
          byte[] profile = request.profile() ? profile(image.dataSet()) : null;
          return type.equals(PNG)
              ? PictureWriter.png(picture, profile)
              : PictureWriter.jpeg(picture, request.quality(), profile);
        });
  }

  /**
   * An animated GIF.
   *
   * @param frames from 0
   */
  void film(ImageObject image, List<Integer> frames, RenderingRequest request, OutputStream out)
      throws IOException {
    // A turn for each frame: a client that reads slowly holds none.
    PictureWriter.gif(
        frames, frame -> bounded(() -> draw(image, frame, request)), delay(image.dataSet()), out);
  }

  private static BufferedImage draw(ImageObject image, int frame, RenderingRequest request)
      throws IOException {
    BufferedImage picture = FrameRenderer.show(image, frame, request.window(), request.viewport());
    Annotations.draw(picture, image.dataSet(), request.annotations());
    return picture;
  }

  private static byte[] profile(DataSet set) {
    byte[] profile = set.bytes(Tag.ICCProfile);
    if (profile == null) {
      profile =
          set.item(Tag.OpticalPathSequence).map(path -> path.bytes(Tag.ICCProfile)).orElse(null);
    }
    return profile;
  }

  private static int delay(DataSet set) {
    double[] milliseconds = set.doubles(Tag.FrameTime);
    if (milliseconds.length > 0 && milliseconds[0] >= 10 && milliseconds[0] <= 60_000) {
      return (int) Math.round(milliseconds[0] / 10);
    }
    double[] rate = set.doubles(Tag.CineRate);
    return rate.length > 0 && rate[0] >= 1 && rate[0] <= 100
        ? (int) Math.round(100 / rate[0])
        : DELAY;
  }
}
