"""Places that rules know by name: centres of large cities, in degrees of WGS 84, to about a kilometre."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A point on the map."""

    latitude: float
    longitude: float


_CENTRES = """
Ahmedabad 23.03 72.58; Bengaluru 12.97 77.59; Bhopal 23.26 77.41; Chandigarh 30.73 76.78; Chennai 13.08 80.27;
Coimbatore 11.02 76.96; Delhi 28.61 77.21; Hyderabad 17.39 78.49; Indore 22.72 75.86; Jaipur 26.91 75.79;
Kanpur 26.45 80.33; Kochi 9.93 76.27; Kolkata 22.57 88.36; Lucknow 26.85 80.95; Mumbai 19.08 72.88;
Nagpur 21.15 79.09; Nashik 20.00 73.79; Patna 25.59 85.14; Pune 18.52 73.86; Surat 21.17 72.83;
Thane 19.22 72.98; Vadodara 22.31 73.18; Visakhapatnam 17.69 83.22; Colombo 6.93 79.86; Dhaka 23.81 90.41;
Karachi 24.86 67.01; Kathmandu 27.72 85.32; Lahore 31.55 74.34; Dubai 25.20 55.27; Singapore 1.35 103.82;
Kuala_Lumpur 3.14 101.69; Jakarta -6.21 106.85; Manila 14.60 120.98; Bangkok 13.76 100.50; Tokyo 35.68 139.69;
Sydney -33.87 151.21; Auckland -36.85 174.76; Nairobi -1.29 36.82; Lagos 6.52 3.38; Johannesburg -26.20 28.05;
Cairo 30.04 31.24; London 51.51 -0.13; Manchester 53.48 -2.24; Dublin 53.35 -6.26; Paris 48.86 2.35;
Lyon 45.76 4.84; Marseille 43.30 5.37; Berlin 52.52 13.40; Hamburg 53.55 9.99; Munich 48.14 11.58;
Cologne 50.94 6.96; Frankfurt 50.11 8.68; Vienna 48.21 16.37; Zurich 47.38 8.54; Amsterdam 52.37 4.90;
Brussels 50.85 4.35; Madrid 40.42 -3.70; Barcelona 41.39 2.17; Lisbon 38.72 -9.14; Rome 41.90 12.50;
Milan 45.46 9.19; Warsaw 52.23 21.01; Prague 50.08 14.44; Budapest 47.50 19.04; Stockholm 59.33 18.07;
Oslo 59.91 10.75; Copenhagen 55.68 12.57; Helsinki 60.17 24.94; Athens 37.98 23.73; Istanbul 41.01 28.98;
New_York 40.71 -74.01; Los_Angeles 34.05 -118.24; Chicago 41.88 -87.63; Toronto 43.65 -79.38;
Mexico_City 19.43 -99.13; Sao_Paulo -23.55 -46.63; Buenos_Aires -34.60 -58.38
"""


def _read(centres: str) -> dict[str, Place]:
    places = {}
    for row in centres.split(";"):
        name, latitude, longitude = row.split()
        places[name.replace("_", " ")] = Place(float(latitude), float(longitude))
    return places


PLACES: Mapping[str, Place] = _read(_CENTRES)
