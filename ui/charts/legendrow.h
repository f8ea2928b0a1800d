// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QBrush>
#include <QPen>
#include <QWidget>

#include <vector>

namespace tidemark::ui {

/// What the colours and patterns of a chart mean, in one line that wraps where it must.
class LegendRow : public QWidget
{
    Q_OBJECT

public:
    struct Entry
    {
        QString text;
        QBrush fill;
        QPen outline{Qt::NoPen};
        bool cross = false; ///< a mark instead of a block
    };

    explicit LegendRow(QWidget *parent = nullptr);
    void setEntries(std::vector<Entry> entries);
    [[nodiscard]] bool hasHeightForWidth() const override { return true; }
    [[nodiscard]] int heightForWidth(int width) const override;
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    /// Where each entry stands at this width; the last one's bottom is the height.
    [[nodiscard]] std::vector<QRect> places(int width) const;

    std::vector<Entry> m_entries;
};

} // namespace tidemark::ui
