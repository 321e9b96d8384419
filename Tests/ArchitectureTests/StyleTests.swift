import Testing

@Suite struct StyleTests {
    static let all = SourceFile.sources + SourceFile.tests

    @Test func `no file is longer than 600 lines`() {
        #expect(Self.all.filter { $0.lines.count > 600 }.map { "\($0.path): \($0.lines.count)" } == [])
    }

    @Test func `nothing is forced`() {
        // Our own bug traps with a sentence (preconditionFailure); a failing world is thrown; octets never trap.
        #expect(SourceFile.sources.flatMap { $0.places(of: ["try!", "fatalError(", "as! ", "unowned(unsafe)"]) } == [])
    }

    @Test func `what is not checked by the compiler has a sentence that proves it`() {
        let unproved = SourceFile.sources.flatMap { file in
            file.code.filter { $0.text.contains("@unchecked Sendable") }.filter { place in
                !file.lines[max(0, place.number - 16)..<min(file.lines.count, place.number + 3)].contains {
                    $0.contains("//") && $0.contains("Sendable")
                }
            }.map { "\(file.path):\($0.number)" }
        }
        #expect(unproved == [])
    }

    @Test func `every package type is told what it is for`() {
        let kinds = ["struct", "final class", "class", "enum", "protocol", "actor", "indirect enum"]
        let silent = SourceFile.sources.flatMap { file in
            file.code.filter { line in kinds.contains { file.lines[line.number - 1].hasPrefix("package \($0) ") } }.filter { line in
                var above = line.number - 2
                while above >= 0, file.lines[above].contains("@") && !file.lines[above].contains("///") { above -= 1 }
                return above < 0 || !file.lines[above].contains("///")
            }.map { "\(file.path):\($0.number)" }
        }
        #expect(silent == [])
    }

    @Test func `tests do not sleep`() {
        let words = ["Thread." + "sleep", "Task." + "sleep", "usleep" + "(", "Glibc." + "sleep"]
        #expect(SourceFile.tests.flatMap { $0.places(of: words) } == [])
    }

    @Test func `nothing is left for later`() {
        let words = ["TO" + "DO", "FIX" + "ME", "XX" + "X:"]
        let open = Self.all.flatMap { file in
            file.lines.enumerated().filter { line in words.contains { line.element.contains($0) } }
                .map { "\(file.path):\($0.offset + 1): \($0.element)" }
        }
        #expect(open == [])
    }

    @Test func `SQL stands in Storage and its driver only`() {
        let statements = ["SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM "]
        let places = SourceFile.sources.filter { $0.target != "Storage" && $0.target != "StorageSQLite" }
            .flatMap { file in
                file.places(of: statements).filter { $0.contains(" FROM ") || $0.contains(" SET ") || $0.contains("INTO ") }
            }
        #expect(places == [])
    }
}
