package org.isocentre.fhir.subscription;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;

/**
 * Which places may be notified. Those of the list, and else https at public addresses alone:
 * whoever subscribes must not make this server call what only it can reach.
 */
public final class Endpoints {
  private final List<URI> listed;

  /**
   * @param listed URLs whose host, port (any where none is said) and path may be notified, and what
   *     is below it
   */
  public Endpoints(List<URI> listed) {
    this.listed = List.copyOf(listed);
  }

  /**
   * Looked up by name, so asked again before each call.
   *
   * @return null if it may, else why not
   */
  public String refusal(URI endpoint) {
    if (listed.stream().anyMatch(l -> isWithin(endpoint, l))) {
      return null;
    }
    if (!"https".equals(endpoint.getScheme())) {
      return "the endpoint must be https";
    }
    try {
      for (InetAddress address : InetAddress.getAllByName(endpoint.getHost())) {
        if (!isPublic(address)) {
          return "the endpoint is no public address, and none of isocentre.subscriptions.endpoints";
        }
      }
      return null;
    } catch (UnknownHostException e) {
      return "the endpoint's host is not known";
    }
  }

  private static boolean isWithin(URI endpoint, URI listed) {
    String path = listed.getPath() == null ? "" : listed.getPath();
    String base = path.endsWith("/") ? path : path + "/";
    String asked = endpoint.normalize().getPath() + "/";
    return listed.getScheme().equalsIgnoreCase(endpoint.getScheme())
        && listed.getHost().equalsIgnoreCase(endpoint.getHost())
        && (listed.getPort() < 0 || listed.getPort() == endpoint.getPort())
        && asked.startsWith(base);
  }

  private static boolean isPublic(InetAddress address) {
    byte[] bytes = address.getAddress();
    boolean unique = bytes.length == 16 && (bytes[0] & 0xfe) == 0xfc;
    boolean shared = bytes.length == 4 && bytes[0] == 100 && (bytes[1] & 0xc0) == 64;
    return !(address.isAnyLocalAddress()
        || address.isLoopbackAddress()
        || address.isLinkLocalAddress()
        || address.isSiteLocalAddress()
        || address.isMulticastAddress()
        || unique
        || shared);
  }
}
