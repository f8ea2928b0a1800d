// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/profile.h"
#include "ui/models/roles.h"

#include <QColor>
#include <QFont>
#include <QPalette>

#include <array>

class QApplication;
class QWidget;

namespace tidemark::ui {

enum class ThemeChoice { System, Light, Dark };

/// Every colour Tidemark draws with, for light and for dark. A value, derived from a widget's palette: whoever paints
/// asks `Theme::of(palette())` and so follows a change of theme without being told.
struct Theme
{
    bool dark = false;
    QColor window; ///< behind the cards
    QColor raised; ///< cards, tables, charts
    QColor sidebar;
    QColor text;
    QColor muted; ///< second text; still AA on window and raised
    QColor border;
    QColor grid; ///< lines inside charts
    QColor hover;
    QColor accent;
    QColor onAccent;
    QColor sqlKeyword;
    QColor sqlString;
    QColor sqlNumber;
    QColor sqlComment;

    static const Theme &light();
    static const Theme &darkTheme();
    [[nodiscard]] static const Theme &of(const QPalette &palette);

    [[nodiscard]] QColor of(Severity severity) const;
    /// A wash of the severity's colour that text stays readable on.
    [[nodiscard]] QColor washOf(Severity severity) const;
    [[nodiscard]] QColor of(Environment environment) const;
    [[nodiscard]] QColor on(Environment environment) const; ///< text on of(environment)
    /// Colours of chart series, told apart by people who see colours differently (Okabe and Ito's order, adapted).
    [[nodiscard]] QColor series(int index) const;
    static constexpr int seriesCount = 8;

    [[nodiscard]] QPalette palette() const;
};

/// The icon's name for a severity, so that status is never colour alone.
[[nodiscard]] QString iconOf(Severity severity);
[[nodiscard]] QString environmentText(Environment environment);

/// Fusion with our palette, for the whole application. May be called again at any time.
void applyTheme(QApplication &application, ThemeChoice choice);

/// The unit of all spacing: quarters of the font's height.
[[nodiscard]] int spacing(const QWidget *widget, int quarters);

/// The font with figures of equal width: the widget's own where its digits are, the fixed font otherwise.
[[nodiscard]] QFont tabularFont(const QFont &font);
/// The one larger size, for page titles and the numbers of cards.
[[nodiscard]] QFont titleFont(const QFont &font);
[[nodiscard]] QFont boldFont(const QFont &font);

/// WCAG 2 contrast of two opaque colours, 1 to 21.
[[nodiscard]] double contrast(const QColor &a, const QColor &b);

} // namespace tidemark::ui
