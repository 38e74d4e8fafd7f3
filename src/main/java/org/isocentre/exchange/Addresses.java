package org.isocentre.exchange;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/** Compares addresses with what the trust directory says of them. */
final class Addresses {
  private Addresses() {}

  /**
   * @param source a host, an address, or a network in CIDR notation
   */
  static boolean matches(String source, InetAddress address) {
    int slash = source.indexOf('/');
    try {
      if (slash >= 0) {
        return inNetwork(
            InetAddress.getByName(source.substring(0, slash)).getAddress(),
            Integer.parseInt(source.substring(slash + 1)),
            address.getAddress());
      }
      return List.of(InetAddress.getAllByName(source)).contains(address);
    } catch (UnknownHostException | NumberFormatException e) {
      return false;
    }
  }

  private static boolean inNetwork(byte[] network, int prefix, byte[] address) {
    if (network.length != address.length || prefix < 0 || prefix > network.length * 8) {
      return false;
    }
    for (int bit = 0; bit < prefix; bit++) {
      int mask = 0x80 >> bit % 8;
      if ((network[bit / 8] & mask) != (address[bit / 8] & mask)) {
        return false;
      }
    }
    return true;
  }
}
