// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <algorithm>
#include <optional>

namespace tidemark {

/// The word for one value of an enumeration, as files, JSON and the command line have it: never shown as text of its own,
/// never translated. A table of them is a constexpr std::array and serves both ways.
template<typename Enum>
struct Word
{
    Enum value;
    const char *text;
};

/// Empty for a value that the table does not have.
template<typename Words, typename Enum>
[[nodiscard]] QString wordOf(const Words &words, Enum value)
{
    const auto found = std::find_if(words.begin(), words.end(), [&](const auto &word) { return word.value == value; });
    return found == words.end() ? QString() : QString::fromLatin1(found->text);
}

/// The first value of a word.
template<typename Words>
[[nodiscard]] auto valueOf(const Words &words, const QString &text)
{
    const auto found = std::find_if(words.begin(), words.end(),
                                    [&](const auto &word) { return text == QLatin1String(word.text); });
    return found == words.end() ? std::nullopt : std::optional(found->value);
}

} // namespace tidemark
