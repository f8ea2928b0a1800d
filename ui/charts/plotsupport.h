// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <qcustomplot.h>

namespace tidemark::ui {

struct Theme;

/// Puts the axes of a plot into the colours of the theme and the widget's font: QCustomPlot follows neither. Plottables
/// and items keep their own pens. The base line in the accent colour shows that the plot has the keyboard.
void applyTheme(QCustomPlot &plot, const Theme &theme, bool focused);

/// The plot drawn into the whole of `size` of any device, vectors kept.
void renderPlot(QCustomPlot &plot, QPainter &painter, const QSize &size);

/// A binary step of at least a page: nothing on a server is smaller.
[[nodiscard]] double byteStep(double wanted);

/// Sizes in binary steps: 512 kB, 1.0 MB, 1.5 MB.
class ByteTicker final : public QCPAxisTicker
{
protected:
    double getTickStep(const QCPRange &range) override;
    int getSubTickCount(double) override { return 0; }
    QString getTickLabel(double tick, const QLocale &locale, QChar formatChar, int precision) override;
};

/// Round local times, seconds since 1970 on the axis; as many as fit beside each other.
class MomentTicker final : public QCPAxisTicker
{
public:
    explicit MomentTicker(const QCPAxis *axis)
        : m_axis(axis)
    {
    }
    void generate(const QCPRange &range, const QLocale &locale, QChar formatChar, int precision, QVector<double> &ticks,
                  QVector<double> *subTicks, QVector<QString> *tickLabels) override;

private:
    const QCPAxis *m_axis;
};

/// A name at the middle of each whole place 0.5, 1.5 … of an axis; `descending` has them at 0.5, -0.5 … instead, for
/// lists that go down. No names leave the axis bare. Given the axis, names are cut to the room of their place.
class NameTicker final : public QCPAxisTicker
{
public:
    explicit NameTicker(QStringList names, bool descending = false, const QCPAxis *axis = nullptr)
        : m_names(std::move(names))
        , m_descending(descending)
        , m_axis(axis)
    {
    }
    void generate(const QCPRange &range, const QLocale &locale, QChar formatChar, int precision, QVector<double> &ticks,
                  QVector<double> *subTicks, QVector<QString> *tickLabels) override;

private:
    QStringList m_names;
    bool m_descending;
    const QCPAxis *m_axis;
};

} // namespace tidemark::ui
