package org.isocentre.dicom.image;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOInvalidTreeException;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Writes pictures as files that anything shows. */
public final class PictureWriter {
  private static final int SOI_BYTES = 2;
  private static final int MAX_PROFILE_PART = 65_519;
  private static final int PNG_HEAD_BYTES = 33;

  private PictureWriter() {}

  /** Makes the pictures of a film, one at a time. */
  @FunctionalInterface
  public interface Film {
    BufferedImage frame(int number) throws IOException;
  }

  /**
   * @param quality 1 to 100
   * @param profile ICC profile of the picture, or null
   */
  public static byte[] jpeg(BufferedImage picture, int quality, byte[] profile) throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    try {
      ImageWriteParam how = writer.getDefaultWriteParam();
      how.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      how.setCompressionQuality(Math.max(1, Math.min(100, quality)) / 100f);
      byte[] file = write(writer, picture, how);
      return profile == null ? file : insert(file, SOI_BYTES, jpegProfile(profile));
    } finally {
      writer.dispose();
    }
  }

  /**
   * @param profile ICC profile of the picture, or null
   */
  public static byte[] png(BufferedImage picture, byte[] profile) throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
    try {
      byte[] file = write(writer, picture, null);
      return profile == null ? file : insert(file, PNG_HEAD_BYTES, pngProfile(profile));
    } finally {
      writer.dispose();
    }
  }

  private static byte[] write(ImageWriter writer, BufferedImage picture, ImageWriteParam how)
      throws IOException {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(file)) {
      writer.setOutput(out);
      writer.write(null, new IIOImage(picture, null, null), how);
    }
    return file.toByteArray();
  }

  private static byte[] insert(byte[] file, int at, byte[] part) {
    byte[] all = new byte[file.length + part.length];
    System.arraycopy(file, 0, all, 0, at);
    System.arraycopy(part, 0, all, at, part.length);
    System.arraycopy(file, at, all, at + part.length, file.length - at);
    return all;
  }

  /** APP2 segments (ICC.1 Annex B.4). */
  private static byte[] jpegProfile(byte[] profile) throws IOException {
    int parts = (profile.length + MAX_PROFILE_PART - 1) / MAX_PROFILE_PART;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    for (int i = 0; i < parts && parts < 256; i++) {
      int from = i * MAX_PROFILE_PART;
      int length = Math.min(MAX_PROFILE_PART, profile.length - from);
      out.writeShort(0xffe2);
      out.writeShort(2 + 14 + length);
      out.write("ICC_PROFILE\0".getBytes(StandardCharsets.US_ASCII));
      out.writeByte(i + 1);
      out.writeByte(parts);
      out.write(profile, from, length);
    }
    return bytes.toByteArray();
  }

  /** The chunk iCCP (PNG §11.3.2.3). */
  private static byte[] pngProfile(byte[] profile) throws IOException {
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    data.write("iCCPICC\0\0".getBytes(StandardCharsets.US_ASCII));
    try (DeflaterOutputStream deflater = new DeflaterOutputStream(data)) {
      deflater.write(profile);
    }
    CRC32 check = new CRC32();
    check.update(data.toByteArray());
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeInt(data.size() - 4);
    data.writeTo(out);
    out.writeInt((int) check.getValue());
    return bytes.toByteArray();
  }

  /**
   * An animated GIF that goes on for ever, written as its pictures are made.
   *
   * @param delay of a picture, hundredths of a second
   */
  public static void gif(List<Integer> frames, Film film, int delay, OutputStream to)
      throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("gif").next();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(to)) {
      writer.setOutput(out);
      writer.prepareWriteSequence(null);
      boolean first = true;
      for (int frame : frames) {
        BufferedImage picture = film.frame(frame);
        IIOMetadata about = writer.getDefaultImageMetadata(new ImageTypeSpecifier(picture), null);
        describe(about, delay, first && frames.size() > 1);
        writer.writeToSequence(new IIOImage(picture, null, about), null);
        out.flushBefore(out.getStreamPosition());
        first = false;
      }
      writer.endWriteSequence();
    } finally {
      writer.dispose();
    }
  }

  private static void describe(IIOMetadata about, int delay, boolean loops)
      throws IIOInvalidTreeException {
    String format = about.getNativeMetadataFormatName();
    IIOMetadataNode root = (IIOMetadataNode) about.getAsTree(format);
    IIOMetadataNode control = new IIOMetadataNode("GraphicControlExtension");
    control.setAttribute("disposalMethod", "none");
    control.setAttribute("userInputFlag", "FALSE");
    control.setAttribute("transparentColorFlag", "FALSE");
    control.setAttribute("delayTime", Integer.toString(delay));
    control.setAttribute("transparentColorIndex", "0");
    replace(root, control);
    if (loops) {
      IIOMetadataNode extension = new IIOMetadataNode("ApplicationExtension");
      extension.setAttribute("applicationID", "NETSCAPE");
      extension.setAttribute("authenticationCode", "2.0");
      extension.setUserObject(new byte[] {1, 0, 0});
      IIOMetadataNode extensions = new IIOMetadataNode("ApplicationExtensions");
      extensions.appendChild(extension);
      replace(root, extensions);
    }
    about.setFromTree(format, root);
  }

  private static void replace(IIOMetadataNode root, IIOMetadataNode node) {
    for (int i = 0; i < root.getLength(); i++) {
      if (root.item(i).getNodeName().equals(node.getNodeName())) {
        root.removeChild(root.item(i));
        break;
      }
    }
    root.appendChild(node);
  }
}
