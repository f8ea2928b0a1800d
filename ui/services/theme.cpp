// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/theme.h"

#include <QApplication>
#include <QCoreApplication>
#include <QFontDatabase>
#include <QFontMetricsF>
#include <QStyle>
#include <QStyleFactory>
#include <QToolTip>
#include <QWidget>

#include <algorithm>
#include <cmath>

namespace tidemark::ui {

namespace {

struct Ink
{
    QRgb light;
    QRgb dark;
};

QColor pick(Ink ink, bool dark)
{
    return QColor::fromRgb(dark ? ink.dark : ink.light);
}

Ink inkOf(Severity severity)
{
    switch (severity) {
    case Severity::Ok:
        return {0xff1a7442, 0xff54c98b};
    case Severity::Notice:
        return {0xff2a63b8, 0xff7ab3f5};
    case Severity::Warning:
        return {0xff8c5a00, 0xffe5b44a};
    case Severity::Critical:
        return {0xffbf2730, 0xffff857d};
    case Severity::Unknown:
        break;
    }
    return {0xff5d6876, 0xff9aa6b4};
}

Ink inkOf(Environment environment)
{
    switch (environment) {
    case Environment::Development:
        return {0xff1f6f5c, 0xff2c8a73};
    case Environment::Test:
        return {0xff8a5b00, 0xffa87208};
    case Environment::Production:
        break;
    }
    return {0xffb3202c, 0xffc93540};
}

Theme makeTheme(bool dark)
{
    Theme theme;
    theme.dark = dark;
    theme.window = pick({0xfff3f5f7, 0xff14181d}, dark);
    theme.raised = pick({0xffffffff, 0xff1c2228}, dark);
    theme.sidebar = pick({0xffe8ecf0, 0xff101418}, dark);
    theme.text = pick({0xff1b2128, 0xffe3e8ed}, dark);
    theme.muted = pick({0xff566270, 0xff9ba7b4}, dark);
    theme.border = pick({0xffd5dbe2, 0xff313a44}, dark);
    theme.grid = pick({0xffe7ebef, 0xff29313a}, dark);
    theme.hover = pick({0xffedf1f5, 0xff252d35}, dark);
    theme.accent = pick({0xff0b6a94, 0xff4db5e0}, dark);
    theme.onAccent = pick({0xffffffff, 0xff07222e}, dark);
    theme.sqlKeyword = pick({0xff0b5c9e, 0xff7cc0f2}, dark);
    theme.sqlString = pick({0xff1d6f42, 0xff8fd19e}, dark);
    theme.sqlNumber = pick({0xff8f4a00, 0xffe0b06c}, dark);
    theme.sqlComment = pick({0xff5f6b78, 0xff93a0ae}, dark);
    return theme;
}

QColor mixed(const QColor &over, const QColor &under, double share)
{
    const auto channel = [share](int a, int b) { return static_cast<int>(std::lround(a * share + b * (1 - share))); };
    return QColor(channel(over.red(), under.red()), channel(over.green(), under.green()),
                  channel(over.blue(), under.blue()));
}

double luminance(const QColor &color)
{
    const auto linear = [](double value) {
        return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF());
}

} // namespace

const Theme &Theme::light()
{
    static const Theme theme = makeTheme(false);
    return theme;
}

const Theme &Theme::darkTheme()
{
    static const Theme theme = makeTheme(true);
    return theme;
}

const Theme &Theme::of(const QPalette &palette)
{
    return palette.color(QPalette::Active, QPalette::Window).lightness() < 128 ? darkTheme() : light();
}

QColor Theme::of(Severity severity) const
{
    return pick(inkOf(severity), dark);
}

QColor Theme::washOf(Severity severity) const
{
    return mixed(of(severity), raised, dark ? 0.16 : 0.10);
}

QColor Theme::of(Environment environment) const
{
    return pick(inkOf(environment), dark);
}

QColor Theme::on(Environment) const
{
    return Qt::white;
}

QColor Theme::series(int index) const
{
    static constexpr std::array<Ink, seriesCount> inks{{{0xff0b6a94, 0xff4db5e0},
                                                        {0xffc05a00, 0xfff0a35a},
                                                        {0xff1a7f5a, 0xff58cfa0},
                                                        {0xff8e3f86, 0xffd68bcf},
                                                        {0xff8a6d00, 0xffe0cb55},
                                                        {0xff3f5fc0, 0xff8ea6f8},
                                                        {0xffb03a3a, 0xfff08c86},
                                                        {0xff5d6876, 0xffa8b3bf}}};
    return pick(inks[static_cast<size_t>(std::abs(index)) % inks.size()], dark);
}

QPalette Theme::palette() const
{
    QPalette palette;
    palette.setColor(QPalette::Window, window);
    palette.setColor(QPalette::WindowText, text);
    palette.setColor(QPalette::Base, raised);
    palette.setColor(QPalette::AlternateBase, mixed(hover, raised, 0.5));
    palette.setColor(QPalette::Text, text);
    palette.setColor(QPalette::Button, dark ? QColor(0x26, 0x2e, 0x36) : QColor(0xf8, 0xf9, 0xfa));
    palette.setColor(QPalette::ButtonText, text);
    palette.setColor(QPalette::BrightText, of(Severity::Critical));
    palette.setColor(QPalette::PlaceholderText, muted);
    palette.setColor(QPalette::ToolTipBase, dark ? QColor(0x2b, 0x34, 0x3d) : QColor(0x22, 0x2a, 0x33));
    palette.setColor(QPalette::ToolTipText, QColor(0xf2, 0xf5, 0xf8));
    palette.setColor(QPalette::Highlight, dark ? QColor(0x1c, 0x4b, 0x63) : QColor(0xd3, 0xe8, 0xf3));
    palette.setColor(QPalette::HighlightedText, dark ? QColor(0xf2, 0xf8, 0xfb) : QColor(0x0c, 0x2d, 0x3e));
    palette.setColor(QPalette::Link, accent);
    palette.setColor(QPalette::LinkVisited, accent);
    palette.setColor(QPalette::Light, dark ? QColor(0x36, 0x40, 0x4a) : QColor(0xff, 0xff, 0xff));
    palette.setColor(QPalette::Midlight, dark ? QColor(0x2d, 0x36, 0x3f) : QColor(0xee, 0xf1, 0xf4));
    palette.setColor(QPalette::Mid, border);
    palette.setColor(QPalette::Dark, dark ? QColor(0x0c, 0x10, 0x13) : QColor(0xb4, 0xbd, 0xc7));
    palette.setColor(QPalette::Shadow, dark ? QColor(0x05, 0x07, 0x08) : QColor(0x8b, 0x95, 0xa0));
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText, QPalette::HighlightedText})
        palette.setColor(QPalette::Disabled, role, mixed(muted, window, 0.65));
    palette.setColor(QPalette::Disabled, QPalette::Highlight, border);
    return palette;
}

QString iconOf(Severity severity)
{
    switch (severity) {
    case Severity::Ok:
        return QStringLiteral("ok");
    case Severity::Notice:
        return QStringLiteral("notice");
    case Severity::Warning:
        return QStringLiteral("warning");
    case Severity::Critical:
        return QStringLiteral("critical");
    case Severity::Unknown:
        break;
    }
    return QStringLiteral("unknown");
}

QString environmentText(Environment environment)
{
    switch (environment) {
    case Environment::Development:
        return QCoreApplication::translate("tidemark::ui::Theme", "Development");
    case Environment::Test:
        return QCoreApplication::translate("tidemark::ui::Theme", "Test");
    case Environment::Production:
        break;
    }
    return QCoreApplication::translate("tidemark::ui::Theme", "Production");
}

void applyTheme(QApplication &application, ThemeChoice choice)
{
    QApplication::setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
    bool dark = choice == ThemeChoice::Dark;
    if (choice == ThemeChoice::System) {
        // Qt 6.4 does not tell the desktop's colour scheme; the palette it starts with does.
        QApplication::setPalette(QPalette());
        dark = application.palette().color(QPalette::Window).lightness() < 128;
    }
    const QPalette palette = (dark ? Theme::darkTheme() : Theme::light()).palette();
    QApplication::setPalette(palette);
    QToolTip::setPalette(palette);
}

int spacing(const QWidget *widget, int quarters)
{
    return std::max(1, widget->fontMetrics().height() * quarters / 4);
}

QFont tabularFont(const QFont &font)
{
    const QFontMetricsF metrics(font);
    const double zero = metrics.horizontalAdvance(QLatin1Char('0'));
    for (char digit = '1'; digit <= '9'; ++digit) {
        if (std::abs(metrics.horizontalAdvance(QLatin1Char(digit)) - zero) > 0.01) {
            QFont fixed = QFontDatabase::systemFont(QFontDatabase::FixedFont);
            fixed.setPointSizeF(font.pointSizeF());
            return fixed;
        }
    }
    return font;
}

QFont titleFont(const QFont &font)
{
    QFont title = font;
    title.setPointSizeF(font.pointSizeF() * 1.35);
    title.setBold(true);
    return title;
}

QFont boldFont(const QFont &font)
{
    QFont bold = font;
    bold.setBold(true);
    return bold;
}

double contrast(const QColor &a, const QColor &b)
{
    const double first = luminance(a);
    const double second = luminance(b);
    return (std::max(first, second) + 0.05) / (std::min(first, second) + 0.05);
}

} // namespace tidemark::ui
