// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/instant.h"

#include <optional>
#include <vector>

namespace tidemark::refresh {

/// Which refresh may begin next, while several sessions work: each once, none before all that it reads is done, the longest
/// way first; and what can no longer be refreshed because something before it was not. Places are those of the plan, whose
/// items come after what they read. Pure, and for one thread at a time.
class RefreshOrder
{
public:
    /// `after`: for each place the earlier places that it must wait for. `expected`: how long each takes; nothing where it
    /// is not known, which counts as the middle of those that are.
    RefreshOrder(std::vector<std::vector<int>> after, std::vector<std::optional<Millis>> expected);

    /// The next to begin, which is thereby begun; nothing while all that is left waits for what runs, and at the end.
    [[nodiscard]] std::optional<int> take();
    /// Puts back what was taken but not begun.
    void giveBack(int place);
    void succeeded(int place);

    struct Skip
    {
        int place = 0;
        int because = 0; ///< the place before it, directly, that was not refreshed
        friend bool operator==(const Skip &, const Skip &) = default;
    };
    /// It was not refreshed: all that depends on it is not begun any more. Returns those, in their order.
    std::vector<Skip> failed(int place);

    /// Nothing is left to begin, now or later.
    [[nodiscard]] bool isExhausted() const;
    [[nodiscard]] int open() const { return m_open; }

    /// How long the rest takes with so many sessions at once; `runningFor` is how long what was taken runs already. Nothing
    /// where no length is known of some that is left.
    [[nodiscard]] std::optional<Millis> left(int sessions, const std::vector<std::optional<Millis>> &runningFor) const;

private:
    enum class State { Open, Taken, Done, Failed };
    [[nodiscard]] bool isReady(std::size_t place) const;

    std::vector<std::vector<int>> m_after;
    std::vector<std::optional<Millis>> m_expected;
    std::vector<Millis> m_way; ///< of the longest chain that begins with it
    std::vector<State> m_states;
    int m_open = 0; ///< neither done nor failed
};

} // namespace tidemark::refresh
