package org.isocentre.demo;

/**
 * The head phantom of Shepp and Logan in three dimensions, with the contrast of its later, modified
 * form: a real picture that belongs to nobody.
 */
final class SheppLogan {
  /**
   * Density, half axes a b c, centre x y z, rotation about z in degrees; unit cube from -1 to 1.
   */
  private static final double[][] ELLIPSOIDS = {
    {1, .69, .92, .81, 0, 0, 0, 0},
    {-.8, .6624, .874, .78, 0, -.0184, 0, 0},
    {-.2, .11, .31, .22, .22, 0, 0, -18},
    {-.2, .16, .41, .28, -.22, 0, 0, 18},
    {.1, .21, .25, .41, 0, .35, -.15, 0},
    {.1, .046, .046, .05, 0, .1, .25, 0},
    {.1, .046, .046, .05, 0, -.1, .25, 0},
    {.1, .046, .023, .05, -.08, -.605, 0, 0},
    {.1, .023, .023, .02, 0, -.606, 0, 0},
    {.1, .023, .046, .02, .06, -.605, 0, 0}
  };

  private SheppLogan() {}

  /** Density at a point of the unit cube: 0 outside, 0.2 for tissue, 1 for bone. */
  static double density(double x, double y, double z) {
    double sum = 0;
    for (double[] e : ELLIPSOIDS) {
      double angle = Math.toRadians(e[7]);
      double dx = x - e[4];
      double dy = y - e[5];
      double u = (dx * Math.cos(angle) + dy * Math.sin(angle)) / e[1];
      double v = (-dx * Math.sin(angle) + dy * Math.cos(angle)) / e[2];
      double w = (z - e[6]) / e[3];
      if (u * u + v * v + w * w <= 1) {
        sum += e[0];
      }
    }
    return sum;
  }

  /**
   * One axial slice, seen from the feet, 16 bits little endian a pixel.
   *
   * @param z from -1 to 1
   * @return stored values: Hounsfield units plus 1024
   */
  static byte[] slice(int size, double z) {
    byte[] pixels = new byte[size * size * 2];
    for (int row = 0; row < size; row++) {
      for (int column = 0; column < size; column++) {
        double x = 2.0 * column / (size - 1) - 1;
        double y = 1 - 2.0 * row / (size - 1);
        double density = density(x, y, z);
        put(pixels, row * size + column, (int) Math.round(24 + density * 1900));
      }
    }
    return pixels;
  }

  /** A frontal projection: what a plain X-ray shows, 12 bits a pixel, bone white. */
  static byte[] projection(int size) {
    int steps = 160;
    byte[] pixels = new byte[size * size * 2];
    for (int row = 0; row < size; row++) {
      for (int column = 0; column < size; column++) {
        double x = 2.0 * column / (size - 1) - 1;
        double z = 1 - 2.0 * row / (size - 1);
        double sum = 0;
        for (int step = 0; step < steps; step++) {
          sum += density(x, 2.0 * step / (steps - 1) - 1, z);
        }
        put(pixels, row * size + column, (int) Math.min(4095, Math.round(sum / steps * 8000)));
      }
    }
    return pixels;
  }

  private static void put(byte[] pixels, int at, int value) {
    pixels[2 * at] = (byte) value;
    pixels[2 * at + 1] = (byte) (value >> 8);
  }
}
