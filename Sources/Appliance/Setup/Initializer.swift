import Foundation
import MailTypes
import OpenSSL
import Settings

/// Makes the files of a new installation.
package struct Initializer: Sendable {
    package let directory: String
    package let hostname: String
    package let isDemo: Bool

    package init(directory: String, hostname: String, isDemo: Bool) {
        (self.directory, self.hostname, self.isDemo) = (directory, hostname, isDemo)
    }

    /// Writes configuration and a self-signed certificate, for a demo a desk, too. Touches nothing that is there.
    package func run() throws -> String {
        guard let host = DomainName(hostname), !host.isAddressLiteral, host.ascii.contains(".") else {
            throw CommandFailure(.dataError, "\(hostname): not a full host name such as mx.example.org")
        }
        let configuration = directory + "/stempel.yaml"
        guard !FileManager.default.fileExists(atPath: configuration) else {
            throw CommandFailure(.cannotCreate, "\(configuration): is there already")
        }
        let certificate = "certs/\(host.ascii).pem"
        let key = "certs/\(host.ascii).key"
        do {
            try FileManager.default.createDirectory(
                atPath: directory + "/certs", withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            if !FileManager.default.fileExists(atPath: "\(directory)/\(certificate)") {
                let pair = SelfSignedCertificate(hostname: host.ascii)
                try write(pair.privateKey, to: "\(directory)/\(key)", mode: 0o600)
                try write(pair.certificate, to: "\(directory)/\(certificate)", mode: 0o644)
            }
            let text = Fresh.machineFile(
                hostname: host, listeners: isDemo ? Fresh.demoListeners : Fresh.standardListeners,
                certificate: certificate, key: key, relay: isDemo ? "127.0.0.1:2526" : nil)
            if isDemo { try write(Fresh.demoDesk(domain: demoDomain(host)), to: directory + "/desk.yaml", mode: 0o600) }
            try write(text, to: configuration, mode: 0o640)
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw CommandFailure(.cannotCreate, "\(directory): \(error.localizedDescription)")
        }
        return report(configuration)
    }

    /// The desk's domain: the host's without its first label.
    private func demoDomain(_ host: DomainName) -> DomainName {
        let labels = host.ascii.split(separator: ".")
        return labels.count > 2 ? DomainName(labels.dropFirst().joined(separator: ".")) ?? host : host
    }

    private func write(_ text: String, to file: String, mode: Int) throws {
        guard
            FileManager.default.createFile(
                atPath: file, contents: Data(text.utf8), attributes: [.posixPermissions: mode])
        else { throw CommandFailure(.cannotCreate, "\(file): cannot be written") }
    }

    private func report(_ configuration: String) -> String {
        var lines = ["\(configuration) is written, with a self-signed certificate in \(directory)/certs."]
        if isDemo { lines.append("\(directory)/desk.yaml is a desk to try.") }
        lines.append("Next: stempel desk apply \(configuration) \(isDemo ? directory + "/desk.yaml" : "desk.yaml")")
        lines.append("Then: stempel serve \(configuration)")
        return lines.joined(separator: "\n") + "\n"
    }
}
