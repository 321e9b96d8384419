import CPCRE2
package import Desk

/// A regular expression run by libpcre2, case not counting, over UTF-8, bounded in matching steps, depth and heap: since
/// anybody can write a mail, no mail may make a rule run for long.
package final class RegularExpression: CompiledPattern {
    /// Steps of one search (`match_limit`), far more than a sensible expression needs on a header field.
    package static let matchLimit: UInt32 = 200_000
    /// Nested backtracking points.
    package static let depthLimit: UInt32 = 2_000
    /// KiB of memory of one search.
    package static let heapLimit: UInt32 = 1_024

    /// `@unchecked Sendable`: only read after `init`; libpcre2 lets any number of threads match with the same compiled code
    /// and match context.
    private struct Compiled: @unchecked Sendable {
        let code: OpaquePointer
        let context: OpaquePointer?
    }
    private let compiled: Compiled

    package init(_ expression: String) throws(PatternFault) {
        var number: Int32 = 0
        var offset = 0
        // Text that is not UTF-8 cannot come: every text of a rule went through a Swift string.
        let options = UInt32(PCRE2_CASELESS) | UInt32(PCRE2_UTF) | UInt32(PCRE2_UCP) | UInt32(PCRE2_NEVER_BACKSLASH_C)
        let code = Array(expression.utf8).withUnsafeBufferPointer { octets in
            pcre2_compile_8(octets.baseAddress, octets.count, options, &number, &offset, nil)
        }
        guard let code else { throw PatternFault(Self.words(of: number), offset: offset) }
        pcre2_jit_compile_8(code, UInt32(PCRE2_JIT_COMPLETE))
        let context = pcre2_match_context_create_8(nil)
        pcre2_set_match_limit_8(context, Self.matchLimit)
        pcre2_set_depth_limit_8(context, Self.depthLimit)
        pcre2_set_heap_limit_8(context, Self.heapLimit)
        compiled = Compiled(code: code, context: context)
    }

    deinit {
        pcre2_match_context_free_8(compiled.context)
        pcre2_code_free_8(compiled.code)
    }

    package func search(_ text: UnsafeBufferPointer<UInt8>) -> PatternOutcome {
        // Where nothing is captured one pair of offsets is enough.
        guard let matches = pcre2_match_data_create_8(1, nil) else { return .limitReached }
        defer { pcre2_match_data_free_8(matches) }
        let empty: [UInt8] = [0]
        let result = empty.withUnsafeBufferPointer { nothing in
            pcre2_match_8(
                compiled.code, text.baseAddress ?? nothing.baseAddress, text.count, 0, UInt32(PCRE2_NO_UTF_CHECK), matches,
                compiled.context)
        }
        if result >= 0 { return .found }
        return result == PCRE2_ERROR_NOMATCH ? .notFound : .limitReached
    }

    private static func words(of number: Int32) -> String {
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = buffer.withUnsafeMutableBufferPointer { pcre2_get_error_message_8(number, $0.baseAddress, $0.count) }
        guard count > 0 else { return "cannot be compiled" }
        return String(decoding: buffer.prefix(Int(count)), as: UTF8.self)
    }
}

/// Compiles with libpcre2.
package struct RegularExpressions: PatternCompiler {
    package init() {}
    package func compile(_ expression: String) throws(PatternFault) -> any CompiledPattern {
        try RegularExpression(expression)
    }
}
