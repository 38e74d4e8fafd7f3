package org.isocentre.app;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Starts the hub. */
@SpringBootApplication
public class IsocentreApplication {
  public static void main(String[] args) {
    SpringApplication.run(IsocentreApplication.class, args);
  }
}
