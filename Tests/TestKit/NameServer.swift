internal import Foundation
internal import Glibc

/// An authoritative name server (nsd) on loopback with a root zone of its own, signed, and zones below it. Ended when the
/// value is let go.
///
///     let server = try NameServer([.init("signed", ["www A 192.0.2.1"], isSigned: true)])
///     // server.address is 127.0.0.1@PORT, server.anchor the file with the root's key
package final class NameServer: Sendable {
    /// A zone right below the root.
    package struct Zone: Sendable {
        package var name: String
        /// In master file form, names relative to the zone: `www A 192.0.2.1`.
        package var records: [String]
        package var isSigned: Bool
        /// Replaced in the zone after it was signed, so that signatures do not fit any more.
        package var forgery: (old: String, new: String)?
        /// The server knows the zone by name only, so it answers SERVFAIL.
        package var isMissing: Bool

        package init(
            _ name: String, _ records: [String], isSigned: Bool = false, forgery: (old: String, new: String)? = nil,
            isMissing: Bool = false
        ) {
            (self.name, self.records, self.isSigned, self.forgery) = (name, records, isSigned, forgery)
            self.isMissing = isMissing
        }
    }

    /// What a resolver is to ask: `127.0.0.1@PORT`.
    package var address: String { "127.0.0.1@\(port)" }
    /// The port, the kernel's choice.
    package let port: Int
    /// The file with the root zone's key.
    package let anchor: String
    private let directory: TemporaryDirectory
    private let process: SpawnedProcess

    /// Signs, writes and serves the zones.
    package init(_ zones: [Zone]) throws {
        let folder = TemporaryDirectory()
        var root = ["@ SOA ns.root. hostmaster.root. 1 3600 900 604800 60", "@ NS ns.root.", "ns.root. A 127.0.0.1"]
        for zone in zones {
            let text =
                ["@ SOA ns.root. hostmaster.root. 1 3600 900 604800 60", "@ NS ns.root."] + zone.records
            let ds = zone.isMissing ? nil : try Self.write(text, zone: zone, in: folder)
            root.append("\(zone.name). NS ns.root.")
            if let ds { root.append(ds) }
        }
        try Self.write(root, zone: Zone("", [], isSigned: true), in: folder)
        let key = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .first { $0.hasPrefix("K.+") && $0.hasSuffix(".key") }
        guard let key else { throw ExternalTool.Failure(description: "the root zone has no key") }
        (directory, anchor) = (folder, folder.file(key))
        port = try Self.freePort()
        var settings = """
            server:
              ip-address: 127.0.0.1@\(port)
              do-ip6: no
              username: ""
              chroot: ""
              zonesdir: "\(folder.path)"
              database: ""
              pidfile: "\(folder.file("pid"))"
              xfrdfile: "\(folder.file("xfrd"))"
              zonelistfile: "\(folder.file("list"))"
              server-count: 1
              verbosity: 1
            remote-control:
              control-enable: no

            """
        for name in [""] + zones.map(\.name) {
            settings += "zone:\n  name: \"\(name).\"\n  zonefile: \"\(Self.fileName(name))\"\n"
        }
        folder.write(settings, to: "nsd.conf")
        process = try Self.start(configuration: folder.file("nsd.conf"))
    }

    deinit {
        process.signal(SIGKILL)
        _ = process.waitForEnding(.seconds(10))
    }

    private static func fileName(_ zone: String) -> String { "zone.\(zone)" }

    /// The zone file; the DS record that vouches for it.
    @discardableResult
    private static func write(_ records: [String], zone: Zone, in folder: TemporaryDirectory) throws -> String? {
        let origin = "\(zone.name)."
        let text = "$ORIGIN \(origin)\n$TTL 60\n" + records.joined(separator: "\n") + "\n"
        folder.write(text, to: fileName(zone.name))
        guard zone.isSigned else { return nil }
        let key = try ExternalTool.mustRun(
            ["ldns-keygen", "-a", "ECDSAP256SHA256", "-k", "-r", "/dev/urandom", origin], directory: folder.path
        ).trimmingCharacters(in: .whitespacesAndNewlines)
        try ExternalTool.mustRun(
            ["ldns-signzone", "-o", origin, "-f", folder.file("signed"), folder.file(fileName(zone.name)), key],
            directory: folder.path)
        var signed = folder.read("signed")
        if let forgery = zone.forgery { signed = signed.replacingOccurrences(of: forgery.old, with: forgery.new) }
        folder.write(signed, to: fileName(zone.name))
        return folder.read("\(key).ds").trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// A port that is free for UDP and TCP at this moment.
    private static func freePort() throws -> Int {
        for _ in 0..<20 {
            let udp = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
            let tcp = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer {
                close(udp)
                close(tcp)
            }
            if let port = bound(udp, port: 0), bound(tcp, port: port) != nil { return Int(port) }
        }
        throw ExternalTool.Failure(description: "no port is free")
    }

    private static func bound(_ descriptor: Int32, port: UInt16) -> UInt16? {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        } ? UInt16(bigEndian: address.sin_port) : nil
    }

    /// Starts the server and reads what it says until it serves.
    private static func start(configuration: String) throws -> SpawnedProcess {
        let pipe = try ProcessPipe()
        defer { close(pipe.writing) }
        let process = try SpawnedProcess(
            ["nsd", "-d", "-c", configuration], environment: ProcessInfo.processInfo.environment, output: pipe.writing,
            errors: pipe.writing)
        let output = pipe.reading
        var said = ""
        while let piece = read(from: output) {
            said += piece
            if said.contains("nsd started") {
                // What it says later is read and let go, so that it never waits for a reader.
                Thread {
                    while read(from: output) != nil {}
                    close(output)
                }.start()
                return process
            }
        }
        close(output)
        throw ExternalTool.Failure(description: "nsd does not serve: \(said)")
    }

    private static func read(from descriptor: Int32) -> String? {
        var octets = [UInt8](repeating: 0, count: 4096)
        let count = Glibc.read(descriptor, &octets, octets.count)
        return count > 0 ? String(decoding: octets.prefix(count), as: UTF8.self) : nil
    }
}
