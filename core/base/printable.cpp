// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/printable.h"

#include <algorithm>

#include <wchar.h>

namespace tidemark {

namespace {

bool isShown(char32_t character)
{
    if (character >= 0x20 && character < 0x7f)
        return true;
    switch (QChar::category(character)) {
    case QChar::Other_Control:
    case QChar::Other_Format:
    case QChar::Other_Surrogate:
    case QChar::Separator_Line:
    case QChar::Separator_Paragraph:
        return false;
    default:
        return true;
    }
}

QString hex(QLatin1String before, char32_t number, int digits)
{
    return before + QString::number(static_cast<uint>(number), 16).rightJustified(digits, QLatin1Char('0'));
}

QString escaped(char32_t character)
{
    switch (character) {
    case '\n':
        return QStringLiteral("\\n");
    case '\r':
        return QStringLiteral("\\r");
    case '\t':
        return QStringLiteral("\\t");
    default:
        break;
    }
    if (character < 0x80)
        return hex(QLatin1String("\\x"), character, 2);
    return character <= 0xffff ? hex(QLatin1String("\\u"), character, 4) : hex(QLatin1String("\\U"), character, 8);
}

QString escapedInJson(char32_t character)
{
    if (!QChar::requiresSurrogates(character))
        return hex(QLatin1String("\\u"), character, 4);
    return hex(QLatin1String("\\u"), QChar::highSurrogate(character), 4)
           + hex(QLatin1String("\\u"), QChar::lowSurrogate(character), 4);
}

char32_t characterAt(const QString &text, qsizetype at)
{
    const QChar unit = text.at(at);
    const bool isPair = unit.isHighSurrogate() && at + 1 < text.size() && text.at(at + 1).isLowSurrogate();
    return isPair ? QChar::surrogateToUcs4(unit, text.at(at + 1)) : unit.unicode();
}

template<typename Keep, typename Escape>
QString replaced(const QString &text, Keep keep, Escape escape)
{
    const auto isPlain = [](QChar unit) { return unit >= QLatin1Char(' ') && unit < QChar(0x7f); };
    if (std::all_of(text.begin(), text.end(), isPlain))
        return text;
    QString result;
    for (qsizetype at = 0; at < text.size();) {
        const char32_t character = characterAt(text, at);
        const qsizetype units = QChar::requiresSurrogates(character) ? 2 : 1;
        if (keep(character))
            result += QStringView(text).mid(at, units);
        else
            result += escape(character);
        at += units;
    }
    return result;
}

/// How long a sequence its first byte announces.
qsizetype announcedLength(uchar lead)
{
    if (lead >= 0xf0)
        return 4;
    if (lead >= 0xe0)
        return 3;
    return lead >= 0xc0 ? 2 : 1;
}

} // namespace

QString printable(const QString &text, Lines lines)
{
    const auto keep = [lines](char32_t character) {
        return isShown(character) || (lines == Lines::Kept && (character == '\n' || character == '\t'));
    };
    return replaced(text, keep, escaped);
}

QString printableJson(const QString &document)
{
    // A line break of the document's layout: one inside a string is an escape already.
    const auto keep = [](char32_t character) { return isShown(character) || character == '\n'; };
    return replaced(document, keep, escapedInJson);
}

QString fromUncheckedUtf8(QByteArrayView bytes)
{
    if (bytes.isEmpty())
        return QLatin1String(""); // no text is not the same as none told
    if (bytes.isValidUtf8())
        return QString::fromUtf8(bytes);
    QString text;
    for (qsizetype at = 0; at < bytes.size();) {
        const auto lead = static_cast<uchar>(bytes.at(at));
        const QByteArrayView sequence = bytes.sliced(at, std::min(announcedLength(lead), bytes.size() - at));
        if (sequence.isValidUtf8()) {
            text += QString::fromUtf8(sequence);
            at += sequence.size();
        } else {
            text += hex(QLatin1String("\\x"), lead, 2);
            ++at;
        }
    }
    return text;
}

int displayWidth(const QString &text)
{
    int width = 0;
    for (qsizetype at = 0; at < text.size();) {
        const char32_t character = characterAt(text, at);
        // Qt gives the process a UTF-8 locale; what the C library does not know yet is taken as narrow.
        const int columns = ::wcwidth(static_cast<wchar_t>(character));
        width += columns < 0 ? 1 : columns;
        at += QChar::requiresSurrogates(character) ? 2 : 1;
    }
    return width;
}

} // namespace tidemark
