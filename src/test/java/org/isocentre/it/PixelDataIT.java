package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.TransferSyntax;
import org.isocentre.dicom.image.Frames;
import org.isocentre.dicom.image.ImageLimits;
import org.isocentre.dicom.image.ImagePixel;
import org.isocentre.dicom.image.PixelDecoder;
import org.isocentre.dicom.image.SeekableSource;
import org.isocentre.dicom.image.Transcoder;
import org.isocentre.dicom.io.DataSetReader;
import org.isocentre.dicom.io.FileMetaInformation;
import org.isocentre.dicom.io.ReaderLimits;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Pixel data as DCMTK and the toolkit see them: what DCMTK compresses decodes here to what DCMTK
 * decodes it to, and what is transcoded here reads there.
 */
class PixelDataIT {
  private static final String FILES = "/usr/lib/python3/dist-packages/pydicom/data/test_files";
  private static final String RLE = "1.2.840.10008.1.2.5";
  private static final List<String> GREY =
      List.of("CT_small.dcm", "MR_small.dcm", "SC_rgb_rle.dcm", "SC_rgb_rle_2frame.dcm");
  private static final List<String> TARGETS =
      List.of(
          "1.2.840.10008.1.2",
          "1.2.840.10008.1.2.1",
          "1.2.840.10008.1.2.1.99",
          "1.2.840.10008.1.2.2",
          RLE);

  @TempDir Path directory;

  /** What a file's pixels are: how they lie, and each frame. */
  private record Pixels(String syntax, ImagePixel layout, List<byte[]> frames) {}

  private static Pixels decode(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      SeekableSource whole = SeekableSource.of(channel);
      FileMetaInformation.Opened opened = opened(whole);
      SeekableSource source = whole.after(opened.dataSetOffset());
      String uid = opened.meta().transferSyntaxUid();
      Frames frames = Frames.of(read(source, uid), TransferSyntax.of(uid), source, LIMITS);
      PixelDecoder decoder = new PixelDecoder(uid, frames.pixel(), LIMITS);
      List<byte[]> decoded = new ArrayList<>();
      for (int i = 0; i < frames.count(); i++) {
        decoded.add(decoder.decode(frames.read(i)));
      }
      return new Pixels(uid, decoder.decoded(), decoded);
    }
  }

  private static final ImageLimits LIMITS = ImageLimits.DEFAULT;

  private static FileMetaInformation.Opened opened(SeekableSource file) throws IOException {
    try (InputStream in = new BufferedInputStream(file.open(0))) {
      return FileMetaInformation.read(in);
    }
  }

  private static DataSet read(SeekableSource source, String uid) throws IOException {
    try (InputStream in = source.open(0)) {
      return new DataSetReader(in, TransferSyntax.of(uid), ReaderLimits.DEFAULT).read();
    }
  }

  private Path run(String program, Path input, String name, String... options) throws Exception {
    Path output = directory.resolve(name);
    List<String> command = new ArrayList<>();
    command.add(Peer.require(program, "dcmtk").toString());
    command.addAll(List.of(options));
    command.add(input.toString());
    command.add(output.toString());
    Peer.Run run = Peer.run(command);
    assertThat(run.exit()).as(run.output()).isZero();
    return output;
  }

  private Path transcode(Path file, String to, String name) throws IOException {
    Path output = directory.resolve(name);
    try (FileChannel channel = FileChannel.open(file);
        OutputStream out = Files.newOutputStream(output)) {
      SeekableSource whole = SeekableSource.of(channel);
      FileMetaInformation.Opened opened = opened(whole);
      FileMetaInformation meta = opened.meta();
      out.write(
          new FileMetaInformation(meta.sopClassUid(), meta.sopInstanceUid(), to, null).encode());
      new Transcoder(LIMITS)
          .transcode(whole.after(opened.dataSetOffset()), meta.transferSyntaxUid(), to, out);
    }
    return output;
  }

  private static Path file(String name) {
    return Peer.requireDirectory(FILES, "python3-pydicom").resolve(name);
  }

  private static void assertSame(Pixels found, Pixels expected) {
    assertThat(found.frames()).usingElementComparator(Arrays::compare).isEqualTo(expected.frames());
  }

  /** How far two decoders of a lossy code stream may be from each other, in grey levels. */
  private static void assertClose(Pixels found, Pixels expected, int tolerance) {
    assertThat(found.frames()).hasSameSizeAs(expected.frames());
    int width = expected.layout().sampleBytes();
    int worst = 0;
    for (int f = 0; f < found.frames().size(); f++) {
      byte[] a = found.frames().get(f);
      byte[] b = expected.frames().get(f);
      assertThat(a).hasSameSizeAs(b);
      for (int i = 0; i < a.length; i += width) {
        worst = Math.max(worst, Math.abs(sample(a, i, width) - sample(b, i, width)));
      }
    }
    assertThat(worst).isLessThanOrEqualTo(tolerance);
  }

  private static int sample(byte[] bytes, int at, int width) {
    return width == 1 ? bytes[at] & 0xff : bytes[at] & 0xff | bytes[at + 1] << 8;
  }

  @TestFactory
  Stream<DynamicTest> losslessCodeStreamsOfDcmtkDecodeExactly() {
    List<List<String>> commands = new ArrayList<>();
    commands.add(List.of("dcmcrle"));
    commands.add(List.of("dcmcjpeg", "+e1"));
    for (int predictor = 1; predictor <= 7; predictor++) {
      commands.add(List.of("dcmcjpeg", "+el", "+sv", Integer.toString(predictor)));
    }
    commands.add(List.of("dcmcjpeg", "+e1", "+fs", "1"));
    commands.add(List.of("dcmcjpls", "+el"));
    commands.add(List.of("dcmcjpls", "+el", "+is"));
    commands.add(List.of("dcmcjpls", "+el", "+in"));
    commands.add(List.of("dcmcjpls", "+el", "+pc"));
    commands.add(List.of("dcmcjpls", "+el", "+t1", "4", "+t2", "9", "+t3", "30", "+rs", "32"));
    return GREY.stream()
        .flatMap(
            name ->
                commands.stream()
                    .map(c -> DynamicTest.dynamicTest(name + " " + c, () -> lossless(name, c))));
  }

  private void lossless(String name, List<String> command) throws Exception {
    Path original = file(name);
    if (decode(original).syntax().equals(RLE)) {
      original = run("dcmdrle", original, "plain.dcm");
    }
    String[] options = command.subList(1, command.size()).toArray(String[]::new);
    Path compressed = run(command.get(0), original, "compressed.dcm", options);
    assertSame(decode(compressed), decode(original));
    for (String target : TARGETS) {
      if (!target.equals(decode(compressed).syntax())) {
        assertReadsThere(transcode(compressed, target, target + ".dcm"), decode(original));
      }
    }
  }

  /** DCMTK makes of the transcoded file what the original was. */
  private void assertReadsThere(Path transcoded, Pixels expected) throws Exception {
    boolean rle =
        opened(SeekableSource.of(Files.readAllBytes(transcoded)))
            .meta()
            .transferSyntaxUid()
            .equals(RLE);
    Path plain =
        rle
            ? run("dcmdrle", transcoded, "there.dcm")
            : run("dcmconv", transcoded, "there.dcm", "+te");
    assertSame(decode(plain), expected);
  }

  @TestFactory
  Stream<DynamicTest> lossyCodeStreamsOfDcmtkDecodeCloseToIt() {
    List<List<String>> commands =
        List.of(
            List.of("dcmcjpeg", "+eb"),
            List.of("dcmcjpeg", "+eb", "+q", "40"),
            List.of("dcmcjpeg", "+eb", "+cy", "+s4"),
            List.of("dcmcjpeg", "+eb", "+cy", "+n2"),
            List.of("dcmcjpeg", "+eb", "+cr"),
            List.of("dcmcjpeg", "+ee", "+bt"));
    return GREY.stream()
        .flatMap(
            name ->
                commands.stream()
                    .map(c -> DynamicTest.dynamicTest(name + " " + c, () -> lossy(name, c))));
  }

  private void lossy(String name, List<String> command) throws Exception {
    Path original = file(name);
    if (decode(original).syntax().equals(RLE)) {
      original = run("dcmdrle", original, "plain.dcm");
    }
    String[] options = command.subList(1, command.size()).toArray(String[]::new);
    Path compressed = run(command.get(0), original, "compressed.dcm", options);
    boolean nearLossless = command.get(0).equals("dcmcjpls");
    Path there =
        nearLossless
            ? run("dcmdjpls", compressed, "there.dcm")
            : run("dcmdjpeg", compressed, "there.dcm", "+cn", "+px");
    assertClose(decode(compressed), decode(there), nearLossless ? 0 : 1);
  }

  @TestFactory
  Stream<DynamicTest> nearLosslessCodeStreamsDecodeAsDcmtkDecodesThem() {
    return Stream.of("+il", "+is", "+in")
        .flatMap(
            interleave ->
                Stream.of("1", "2", "9")
                    .map(
                        near ->
                            DynamicTest.dynamicTest(
                                interleave + " " + near, () -> near(interleave, near))));
  }

  private void near(String interleave, String deviation) throws Exception {
    Path original = run("dcmdrle", file("SC_rgb_rle_2frame.dcm"), "plain.dcm");
    Path compressed = run("dcmcjpls", original, "near.dcm", "+en", "+md", deviation, interleave);
    Pixels expected = decode(run("dcmdjpls", compressed, "there.dcm"));
    assertSame(decode(compressed), expected);
    assertSame(decode(transcode(compressed, RLE, "rle.dcm")), expected);
  }

  @TestFactory
  Stream<DynamicTest> filesOfPydicomInTwoSyntaxesAreTheSameImage() {
    return Stream.of(
            List.of("MR_small_RLE.dcm", "MR_small.dcm"),
            List.of("MR_small_bigendian.dcm", "MR_small.dcm"),
            List.of("MR_small_implicit.dcm", "MR_small.dcm"),
            List.of("MR_small_jpeg_ls_lossless.dcm", "MR_small.dcm"),
            List.of("MR_small_jp2klossless.dcm", "MR_small.dcm"),
            List.of("rtdose_rle.dcm", "rtdose.dcm"),
            List.of("liver_expb_1frame.dcm", "liver_1frame.dcm"))
        .map(
            pair ->
                DynamicTest.dynamicTest(
                    pair.get(0),
                    () -> assertSame(decode(file(pair.get(0))), decode(file(pair.get(1))))));
  }
}
