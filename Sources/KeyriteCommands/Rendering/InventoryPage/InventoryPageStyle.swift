import CryptoPrimitives

/// The page's style: wide screens show the map from left to right, narrow ones and paper as lists.
enum InventoryPageStyle {
    static let markup = Markup.own(text)
    /// As a Content-Security-Policy names it.
    static let digest = PolicyDigest.of(markup)

    private static let text: StaticString = """

        :root { color-scheme: light dark; --ink: #1c2024; --dim: #5a626b; --paper: #fbfbfa; --card: #ffffff; --edge: #d8dbdf;
          --follows: #1a6e48; --pinned: #8a4b08; --default: #5a626b; --gap: #a3231b; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e8eaec; --dim: #a2a9b1; --paper: #15181b; --card: #1d2125;
          --edge: #3a4047; --follows: #6fcf9f; --pinned: #f0b070; --default: #a2a9b1; --gap: #ff8a80; } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; padding: 1rem 1.25rem 3rem; max-width: 110rem; background: var(--paper); color: var(--ink);
          font: 15px/1.4 system-ui, sans-serif; }
        h1 { font-size: 1.5rem; margin: 0 0 .25rem; }
        h2 { font-size: .95rem; margin: 0; overflow-wrap: anywhere; }
        header p, .description, .unused { color: var(--dim); margin: .25rem 0; overflow-wrap: anywhere; }
        code { font-size: .85em; overflow-wrap: anywhere; }
        ul { list-style: none; margin: 0; padding: 0; }
        .counts { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; margin: .75rem 0; }
        .counts .follows, .how, .key.follows { color: var(--follows); }
        .counts .pinned, .pinned .how, .key.pinned { color: var(--pinned); }
        .default .how, .key.default { color: var(--default); }
        .counts .gap, .remark { color: var(--gap); font-weight: 600; }
        #filter { position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center;
          padding: .6rem 0; background: var(--paper); border-bottom: 1px solid var(--edge); }
        #filter label { color: var(--dim); }
        #words { width: 18rem; max-width: 60vw; }
        input, select { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--edge);
          border-radius: 4px; padding: .2rem .4rem; }
        #shown { color: var(--dim); }
        article { background: var(--card); border: 1px solid var(--edge); border-radius: 8px; margin: .9rem 0; padding: .8rem; }
        article.astray { border-style: dashed; }
        .map { display: grid; grid-template-columns: minmax(8rem, 17rem) 72px minmax(14rem, 21rem) 72px minmax(16rem, 1fr);
          align-items: center; }
        .map .aliases { text-align: right; min-width: 0; padding-right: 6px; }
        .map > ul > li { height: 28px; line-height: 28px; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
        .aliases li, .name { unicode-bidi: isolate; font-weight: 600; }
        .subject { border: 2px solid var(--ink); border-radius: 8px; padding: .5rem .7rem; min-width: 0; }
        .facts { display: flex; flex-wrap: wrap; gap: 0 .9rem; font-size: .88rem; color: var(--dim); }
        .sum { margin: .25rem 0 0; font-size: .88rem; }
        .facts .remark { flex-basis: 100%; color: var(--gap); }
        .description { font-size: .88rem; unicode-bidi: isolate; }
        .map .uses { min-width: 0; padding-left: 6px; }
        .uses .service { display: inline-block; min-width: 5.5rem; color: var(--dim); }
        .uses .setting, .uses .account { color: var(--dim); font-size: .85rem; }
        .uses .how { font-size: .85rem; margin: 0 .4rem; }
        details { margin-top: .5rem; border-top: 1px solid var(--edge); padding-top: .4rem; }
        td.place { white-space: nowrap; }
        td details { margin-top: 0; border-top: 0; padding-top: 0; }
        summary { cursor: pointer; color: var(--dim); }
        svg { display: block; }
        path { fill: none; stroke-width: 1.6; stroke: var(--dim); }
        path.follows { stroke: var(--follows); stroke-dasharray: 6 4; }
        path.pinned { stroke: var(--pinned); }
        path.default { stroke: var(--default); stroke-dasharray: 1.5 4; }
        .wide { overflow-x: auto; }
        table { border-collapse: collapse; font-size: .9rem; }
        th, td { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--edge); }
        article { content-visibility: auto; contain-intrinsic-size: auto 12rem; }
        .legend { color: var(--dim); margin: .25rem 0; }
        .legend .noline { display: none; }
        .key { font-weight: 600; }
        [hidden] { display: none !important; }
        @media (max-width: 68rem) {
          .map { grid-template-columns: minmax(0, 1fr); gap: .5rem; }
          .map svg, .legend .line { display: none; }
          .legend .noline { display: inline; }
          .map .aliases { text-align: left; padding: 0; }
          .map > ul > li { height: auto; white-space: normal; overflow-wrap: anywhere; line-height: 1.35; padding: .15rem 0; }
        }
        #filtered { color: var(--gap); font-weight: 600; }
        @media screen { #filtered { display: none; } }
        @media print {
          :root { color-scheme: light; --ink: #000; --dim: #444; --paper: #fff; --card: #fff; --edge: #999; --follows: #1a6e48;
            --pinned: #8a4b08; --default: #444; --gap: #a3231b; }
          body { padding: 0; max-width: none; font-size: 12px; }
          #filter { position: static; border: 0; }
          body:not(.filtered) #filter { display: none; }
          article { break-inside: avoid; content-visibility: visible; }
          article:has(details.uses) { break-inside: auto; }
          details::details-content { content-visibility: visible; }
          .map > ul > li { height: auto; white-space: normal; overflow-wrap: anywhere; line-height: 1.35; padding: .15rem 0; }
          .wide { overflow: visible; }
          table { width: 100%; table-layout: fixed; font-size: 9px; }
          tr { break-inside: avoid; }
          tr:has(details) { break-inside: auto; }
          td.place { white-space: normal; }
          th:nth-child(1), th:nth-child(6) { width: 8%; }
          th:nth-child(2), th:nth-child(3) { width: 11%; }
          th:nth-child(4), th:nth-child(7) { width: 14%; }
          th:nth-child(5) { width: 20%; }
          th, td { overflow-wrap: anywhere; padding-right: .4rem; }
        }

        """
}
