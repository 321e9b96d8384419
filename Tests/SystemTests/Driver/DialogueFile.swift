/// A dialogue with a server, written down:
///
///     # a remark
///     listener smtp
///     C: EHLO client.example         sent with CRLF; \r \n \t \0 \\ and \xHH within
///     C- half a line                 sent as it is
///     S: 250[- ].*                   the next line, whole, as a regular expression
///     S* 250 .*                      lines are read until one matches
///     TLS                            both sides begin TLS
///     END                            the server closes the connection
struct DialogueFile {
    enum Step {
        case send([UInt8])
        case expect(String)
        case skipTo(String)
        case startTLS
        case end
    }

    private(set) var listener = ""
    private(set) var steps: [(number: Int, step: Step)] = []

    init(_ text: String) throws {
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let number = index + 1
            if line.isEmpty || line.hasPrefix("#") { continue }
            if line.hasPrefix("listener ") {
                listener = String(line.dropFirst(9))
            } else if line.hasPrefix("C: ") || line == "C:" {
                steps.append((number, .send(Self.octets(line.dropFirst(3)) + [0x0D, 0x0A])))
            } else if line.hasPrefix("C- ") {
                steps.append((number, .send(Self.octets(line.dropFirst(3)))))
            } else if line.hasPrefix("S: ") {
                steps.append((number, .expect(String(line.dropFirst(3)))))
            } else if line.hasPrefix("S* ") {
                steps.append((number, .skipTo(String(line.dropFirst(3)))))
            } else if line == "TLS" {
                steps.append((number, .startTLS))
            } else if line == "END" {
                steps.append((number, .end))
            } else {
                throw WaitedInVain("line \(number): no step: \(line)")
            }
        }
    }

    private static func octets(_ text: Substring) -> [UInt8] {
        var result: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let octet = rest.popFirst() {
            guard octet == UInt8(ascii: "\\"), let next = rest.popFirst() else {
                result.append(octet)
                continue
            }
            switch next {
            case UInt8(ascii: "r"): result.append(0x0D)
            case UInt8(ascii: "n"): result.append(0x0A)
            case UInt8(ascii: "t"): result.append(0x09)
            case UInt8(ascii: "0"): result.append(0x00)
            case UInt8(ascii: "x"):
                result.append(UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) ?? 0x3F)
                rest = rest.dropFirst(2)
            default: result.append(next)
            }
        }
        return result
    }

    /// Speaks it; throws at the first line that is not as written.
    func speak(to appliance: RunningAppliance) throws {
        let isTLS = listener.hasSuffix("s")
        let wire = try WireClient(port: appliance.ports[listener, default: 0], tls: isTLS)
        for (number, step) in steps {
            switch step {
            case .send(let octets): try wire.send(octets)
            case .startTLS: try wire.startTLS()
            case .expect(let pattern):
                let line = try wire.readLine()
                guard let line, try Regex(pattern).wholeMatch(in: line) != nil else {
                    throw WaitedInVain("line \(number): expected \(pattern), got \(line ?? "the end")")
                }
            case .skipTo(let pattern):
                let regex = try Regex(pattern)
                var seen: [String] = []
                while true {
                    guard let line = try wire.readLine() else {
                        throw WaitedInVain("line \(number): \(pattern) did not come: \(seen)")
                    }
                    if try regex.wholeMatch(in: line) != nil { break }
                    seen.append(line)
                }
            case .end:
                guard try wire.isAtEnd() else { throw WaitedInVain("line \(number): the connection stays open") }
            }
        }
    }
}
