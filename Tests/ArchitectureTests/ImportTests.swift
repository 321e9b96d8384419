import Testing

@Suite struct ImportTests {
    @Test func `every import is an arrow of the module map`() {
        var strangers: [String] = []
        for file in SourceFile.sources {
            guard let allowed = ModuleTable.allowed[file.target] else { continue }
            for name in file.imports where !allowed.contains(name) && !ModuleTable.everywhere.contains(name) {
                strangers.append("\(file.path): import \(name)")
            }
        }
        #expect(strangers == [])
    }

    @Test func `every module is in the map and none stands empty`() {
        let targets = Set(SourceFile.sources.map(\.target))
        #expect(targets == Set(ModuleTable.allowed.keys))
    }

    @Test func `the arrows point inward: no two modules reach each other`() {
        for start in ModuleTable.allowed.keys {
            var reached: Set<String> = []
            var open = ModuleTable.allowed[start, default: []]
            while let next = open.popFirst() {
                reached.insert(next)
                open.formUnion(ModuleTable.allowed[next, default: []].subtracting(reached))
            }
            #expect(!reached.contains(start), "\(start) reaches itself")
        }
    }

    @Test func `protocol engines and mailboxes see nothing of NIO but byte buffers`() {
        let words = ["EventLoop", "ChannelHandler", "ChannelPipeline", "Channel ", "any Channel", "NIOAsyncChannel", "Bootstrap("]
        let places = SourceFile.sources
            .filter { $0.imports.contains("NIOCore") && !ModuleTable.ownersOfChannels.contains($0.target) }
            .flatMap { $0.places(of: words) }
        #expect(places == [])
    }

    @Test(arguments: [
        ("import NIOCore", ["NIOCore"]), ("package import Desk", ["Desk"]), ("@testable import Desk", ["Desk"]),
        ("@_spi(_Unicode) internal import Swift", ["Swift"]), ("import struct Foundation.Data", ["Foundation"]),
        ("// import Nothing", []), ("important()", []), ("let text = \"import X\"", []),
    ]) func `an import line is read for its module`(line: String, names: [String]) {
        #expect(SourceFile(path: "Sources/A/a.swift", lines: [line]).imports == names)
    }
}
