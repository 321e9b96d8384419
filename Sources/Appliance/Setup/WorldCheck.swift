import Foundation
import Glibc
import OpenSSL
import Resolver
import Settings

/// Looks whether what the settings name is there and usable.
struct WorldCheck {
    let file: String
    let settings: MachineSettings
    /// The caller is about to open the ports itself and holds the lock.
    let isStarting: Bool

    func problems() -> [Problem] { certificateProblems() + passwordProblems() + portProblems() + resolverProblems() }

    /// A resolver that cannot be made as it is configured, most often for want of a trust anchor.
    private func resolverProblems() -> [Problem] {
        guard settings.checksOrigin else { return [] }
        do throws(ConfigurationFailure) {
            try DNSResolver(settings.resolver).close()
            return []
        } catch {
            return [
                settings.problem(
                    error.key, file: file, reason: error.words,
                    remedy: error.key == "resolver.trustAnchor"
                        ? "install dns-root-data, name a file with the root's keys, or write trustAnchor: none" : nil)
            ]
        }
    }

    private func certificateProblems() -> [Problem] {
        var result: [Problem] = []
        for (index, files) in settings.tls.certificates.enumerated() {
            do {
                _ = try OpenSSL.CertificateFiles(certificate: files.certificate, key: files.key).summary()
            } catch {
                let key = "tls.certificates[\(index)].\(error.file == files.key ? "key" : "certificate")"
                result.append(
                    settings.problem(
                        key, file: file, reason: error.description,
                        remedy: "name a PEM file with the certificate chain, and one with its private key"))
            }
        }
        let needing = settings.listeners.filter(\.tls)
        if settings.tls.certificates.isEmpty, let listener = needing.first {
            result.append(
                settings.problem(
                    "listeners.\(listener.name.rawValue)", file: file, reason: "it needs TLS and there is no certificate",
                    remedy: "add `tls.certificates`"))
        }
        return result
    }

    private func passwordProblems() -> [Problem] {
        let learned = settings.filters.enumerated().map { index, filter in
            ("filters[\(index)].learning.passwordFile", filter.learning?.passwordFile)
        }
        return ([("delivery.relayPasswordFile", settings.delivery.relayPasswordFile)] + learned).compactMap { key, path in
            guard let path, access(path, R_OK) != 0 else { return nil }
            return settings.problem(
                key, file: file, reason: "\(path): \(String(cString: strerror(errno)))",
                remedy: "name a readable file whose first line is the password")
        }
    }

    private func portProblems() -> [Problem] {
        if !isStarting, case .directory(let directory) = settings.data, DataDirectory(path: directory).isServed() {
            return []
        }
        var result: [Problem] = []
        for listener in settings.listeners where !listener.name.isHTTP || listener.name == .public {
            for address in listener.addresses {
                guard case .tcp(let host, let port) = address, port != 0, let reason = PortProbe.problem(host, port) else {
                    continue
                }
                result.append(
                    settings.problem(
                        "listeners.\(listener.name.rawValue)", file: file, reason: "cannot listen on \(address): \(reason)",
                        remedy: "choose a free port, or stop what uses it"))
            }
        }
        return result
    }
}

/// Tries whether a port can be listened on.
enum PortProbe {
    /// `nil`: it can.
    static func problem(_ host: String, _ port: Int) -> String? {
        var hints = addrinfo()
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, String(port), &hints, &list)
        guard status == 0, let found = list?.pointee else { return String(cString: gai_strerror(status)) }
        defer { freeaddrinfo(list) }
        let descriptor = socket(found.ai_family, found.ai_socktype, found.ai_protocol)
        guard descriptor >= 0 else { return String(cString: strerror(errno)) }
        defer { close(descriptor) }
        var on: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        guard bind(descriptor, found.ai_addr, found.ai_addrlen) == 0, listen(descriptor, 1) == 0 else {
            return String(cString: strerror(errno))
        }
        return nil
    }
}
