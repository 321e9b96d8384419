import Foundation
import Glibc
import TestKit

/// A Postfix of a test's own on loopback: takes what leaves the desk and what customers send, and passes each domain on
/// to the port that the test names. Needs root.
final class PrivatePostfix: Sendable {
    /// Whether one can be started here.
    static let isAvailable = geteuid() == 0 && access("/usr/sbin/postfix", X_OK) == 0

    private let directory: TemporaryDirectory

    /// A port that is free now.
    static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard isBound else { throw WaitedInVain("there is no free port") }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    /// Starts one on `port` of an address of loopback that passes mail for a domain on to a port there; `hosts` names other
    /// addresses than 127.0.0.1 by domain.
    init(
        port: Int, at address: String = "127.0.0.1", routes: [String: Int], hosts: [String: String] = [:]
    ) throws {
        directory = TemporaryDirectory()
        chmod(directory.path, 0o755)
        for name in ["config", "queue", "data"] {
            try FileManager.default.createDirectory(atPath: directory.file(name), withIntermediateDirectories: false)
        }
        _ = try Completed.run(["chown", "postfix", directory.file("data")])
        let certificate = TestCertificate(["postfix.customer.example"], in: directory, file: "config/tls")
        let maps = routes.map { "{ \($0.key) = smtp:[\(hosts[$0.key] ?? "127.0.0.1")]:\($0.value) }" }.joined(separator: ", ")
        directory.write(
            """
            compatibility_level = 3.6
            queue_directory = \(directory.file("queue"))
            data_directory = \(directory.file("data"))
            maillog_file = \(directory.file("postfix.log"))
            maillog_file_prefixes = \(directory.path)
            mail_owner = postfix
            setgid_group = postdrop
            myhostname = postfix.customer.example
            mydestination =
            inet_interfaces = 127.0.0.1
            smtp_bind_address = \(address)
            inet_protocols = ipv4
            mynetworks = 127.0.0.0/8
            alias_maps =
            smtpd_relay_restrictions = permit_mynetworks, reject
            smtpd_tls_chain_files = \(certificate.key), \(certificate.certificate)
            smtpd_tls_security_level = encrypt
            smtp_tls_security_level = encrypt
            smtp_tls_policy_maps = inline:{ { [127.0.0.1]:\(routes["customer.example"] ?? 0) = none } }
            transport_maps = inline:{ \(maps) }

            """, to: "config/main.cf")
        directory.write(
            """
            \(address):\(port) inet n - n - - smtpd
            cleanup unix n - n - 0 cleanup
            qmgr unix n - n 300 1 qmgr
            tlsmgr unix - - n 1000? 1 tlsmgr
            rewrite unix - - n - - trivial-rewrite
            bounce unix - - n - 0 bounce
            defer unix - - n - 0 bounce
            trace unix - - n - 0 bounce
            proxymap unix - - n - - proxymap
            anvil unix - - n - 1 anvil
            scache unix - - n - 1 scache
            error unix - - n - - error
            retry unix - - n - - error
            smtp unix - - n - - smtp
            postlog unix-dgram n - n - 1 postlogd

            """, to: "config/master.cf")
        let started = try Completed.run(["/usr/sbin/postfix", "-c", directory.file("config"), "start"])
        guard started.status == 0 else { throw WaitedInVain("Postfix does not start: \(started) \(log)") }
    }

    deinit { _ = try? Completed.run(["/usr/sbin/postfix", "-c", directory.file("config"), "stop"]) }

    /// What it logged.
    var log: String {
        let text = try? String(contentsOfFile: directory.file("postfix.log"), encoding: .utf8)
        return text ?? ""
    }
}
